//! The presets, as their sources were read in November 2026.

use super::{Change, Preset, Setting};

/// All presets, those of recording systems first.
pub const PRESETS: &[Preset] = &[AXION, MCS, MAXWELL, MEA_NAP, SPIKE_INTERFACE, MEA_R_TOOLS, EPA];

const fn number(kind: &'static str, param: &'static str, to: f64) -> Change {
    Change { kind, param, to: Setting::Number(to) }
}

const fn name(kind: &'static str, param: &'static str, to: &'static str) -> Change {
    Change { kind, param, to: Setting::Name(to) }
}

const AXION: Preset = Preset {
    id: "axion",
    title: "As Axion's Neural Metric Tool",
    purpose: "For plates of Axion's Maestro. Use it to compare with the tables of AxIS and of Neural Metric Tool.",
    source: "Settings that AxIS writes into its own files: a .spk of AxIS 3.6 (CytoView, 24 wells, 12.5 kHz) and a \
             spike list of AxIS 2.0 (48 wells); github.com/axionbio/AxionFileLoader; tables of Neural Metric Tool in \
             github.com/Molecularbiologyworld/py-mea-axion and github.com/egordon2/MEA-analysis-package; its columns \
             described by the US EPA after the AxIS User Guide 1.5, in Kosnik et al. 2020, \
             doi:10.1007/s00204-019-02636-x, and in PMC7093421",
    verified: "Read in the file of AxIS 3.6: median reference, 200 Hz to 3 kHz, threshold 6 times the root mean \
               square (each of 25,043 spikes stores its own noise), events on 4 electrodes of a well within 160 µs \
               dropped, no two spikes of an electrode nearer than 2.24 ms. The file of AxIS 2.0 has the same band \
               and threshold 7, so that a laboratory's own files decide. Read in 56 tables that Neural Metric Tool \
               wrote for two laboratories: active from 5 spikes a minute, bursts of 5 spikes within 100 ms, network \
               bursts of 50 spikes within 100 ms on 35 % of the electrodes. In 54 of these tables all 1,296 wells \
               were computed again from their electrodes, by the rules of the card here; only a deviation of a single \
               electrode is 0 there and empty here. With 5 spikes within 100 ms three programs find the same 1,317 \
               bursts in one recording.",
    unverified: "Whether the tool has these settings by default: the program itself was not run. No recording was at \
                 hand with both its spikes and the tool's table. It is not documented which of the coincident events \
                 AxIS drops.",
    otherwise: "AxIS marks the time at which a spike crosses the threshold, and follows the noise along the \
                recording. Neurocyte marks the peak, and takes one noise for the whole recording. AxIS filters with \
                an IIR high-pass and a Kaiser low-pass. Two cards count network bursts as the tool does: “Neural \
                Metric Tool” and the well-plate rule, which also lists them. The card “Network bursts” differs: each \
                electrode must burst, bursts must overlap, and chance is ruled out. The other cards give rates of \
                active electrodes, and the time from the end of one burst to the start of the next. Normalized \
                Duration IQR, areas and widths of cross-correlations and the Synchrony Index are not computed, \
                because it is not known how the tool computes them.",
    changes: &[
        name("filter", "btype", "bandpass"),
        number("filter", "freq_min_hz", 200.0),
        number("filter", "freq_max_hz", 3000.0),
        name("common_reference", "operator", "median"),
        name("common_reference", "reference", "group"),
        name("noise_levels", "method", "rms"),
        name("detect_peaks", "method", "by_channel"),
        number("detect_peaks", "detect_threshold", 6.0),
        number("detect_peaks", "exclude_sweep_ms", 2.2),
        number("coincident_events", "min_electrodes", 4.0),
        number("coincident_events", "window_us", 160.0),
        number("bursts_max_interval", "max_start_interval_ms", 100.0),
        number("bursts_max_interval", "max_end_interval_ms", 100.0),
        number("bursts_max_interval", "min_gap_ms", 0.0),
        number("bursts_max_interval", "min_duration_ms", 0.0),
        number("bursts_max_interval", "min_spikes", 5.0),
        number("network_bursts", "min_percent", 35.0),
        number("network_bursts_well_plate", "min_spikes", 50.0),
        number("network_bursts_well_plate", "max_interval_ms", 100.0),
        number("network_bursts_well_plate", "min_percent", 35.0),
        name("network_bursts_well_plate", "percent_of", "all"),
        number("neural_metrics", "active_per_min", 5.0),
        number("neural_metrics", "max_interval_ms", 100.0),
        number("neural_metrics", "min_spikes", 5.0),
        number("neural_metrics", "network_max_interval_ms", 100.0),
        number("neural_metrics", "network_min_spikes", 50.0),
        number("neural_metrics", "network_min_percent", 35.0),
    ],
};

const MCS: Preset = Preset {
    id: "mcs",
    title: "As MCS Multi Channel Analyzer",
    purpose: "For arrays of Multi Channel Systems. Use it to compare with Multi Channel Analyzer and MC_Rack.",
    source: "MC_Rack manual, section 4.13.6 (bursts); a developer of Multi Channel Systems in \
             github.com/multichannelsystems/McsPyDataTools, issue 3 (threshold); Cotterill et al. 2016, \
             doi:10.1152/jn.00093.2016 (values)",
    verified: "Read in the manual: bursts by MaxInterval with five limits, merged before they are dropped, an \
               interval equal to the limit at the start inside. Said by the developer: the threshold is a multiple \
               of the standard deviation of the first 500 ms. With these five limits the bursts of three real \
               recordings equal an independent program's.",
    unverified: "The numbers that the programs propose: the limits here, 170, 300, 200 and 10 ms and 3 spikes, are \
                 those that Cotterill et al. 2016 are quoted with for NeuroExplorer's method, which is the \
                 manual's; the paper was not read again. The factor of the threshold, the filter and the dead time \
                 were not found; they stay as they are. Neither program was run.",
    otherwise: "MC_Rack looks for bursts in the spikes of its sorter. It was not found whether these programs \
                subtract a reference; Neurocyte subtracts the median of all electrodes unless you switch that off. \
                Network bursts follow Neurocyte's own rule.",
    changes: &[
        name("noise_levels", "method", "sd_start"),
        number("bursts_max_interval", "max_start_interval_ms", 170.0),
        number("bursts_max_interval", "max_end_interval_ms", 300.0),
        number("bursts_max_interval", "min_gap_ms", 200.0),
        number("bursts_max_interval", "min_duration_ms", 10.0),
        number("bursts_max_interval", "min_spikes", 3.0),
    ],
};

const MAXWELL: Preset = Preset {
    id: "maxwell",
    title: "As MaxWell's MaxLab",
    purpose: "For MaxOne and MaxTwo. Use it to compare with the spike tables and assays of MaxLab Live.",
    source: "Settings that MaxLab 20.1.8 writes into its own files (three .raw.h5 of MaxOne and MaxTwo: activity \
             scan and network); example scripts of MaxWell for network bursts, as laboratories publish them",
    verified: "Read in the files: a threshold of 5 times the noise in all three; a high-pass of 300 Hz in the \
               hardware in both of MaxOne, and of 1 Hz in that of MaxTwo. Read in the scripts: bins of 20 ms, a \
               Gaussian of 0.3 s, network bursts beyond 1.2 times the root mean square of the rate, edges at 30 % \
               of the peak.",
    unverified: "The upper edge of the band, how MaxLab measures the noise, which sign it takes, the dead time, \
                 whether a common reference is subtracted, and what the assays of the program propose today. The \
                 program was not run.",
    otherwise: "MaxLab counts a network burst at each peak of the rate of all electrodes together. Spikes that are \
                shifted in time at random have such peaks too: in a simulated culture, 14 of 18 by such a rule. The \
                card of the population rate counts these peaks on any number of electrodes, tells how many \
                come by chance, and takes only active electrodes. On the card “Network bursts” each electrode must \
                burst, bursts must overlap, and chance is ruled out. MaxLab finds its spikes while it records.",
    changes: &[
        name("filter", "btype", "bandpass"),
        number("filter", "freq_min_hz", 300.0),
        number("detect_peaks", "detect_threshold", 5.0),
        number("network_bursts_population_rate", "bin_ms", 20.0),
        number("network_bursts_population_rate", "sigma_ms", 300.0),
        number("network_bursts_population_rate", "peak_rms", 1.2),
        number("network_bursts_population_rate", "edge_percent", 30.0),
        number("network_bursts_population_rate", "min_electrodes", 0.0),
        number("network_bursts_population_rate", "min_percent", 0.0),
    ],
};

const MEA_NAP: Preset = Preset {
    id: "mea-nap",
    title: "As MEA-NAP",
    purpose: "Use it to compare with MEA-NAP: the spikes that it finds by threshold, and network bursts.",
    source: "MEA-NAP's guide for advanced users and biAdvancedSettings.m, github.com/SAND-Lab/MEA-NAP; threshold by \
             Quiroga et al. 2004, doi:10.1162/089976604774201631; network bursts by Bakkum et al. 2014, \
             doi:10.3389/fncom.2013.00193",
    verified: "Read in the guide and the source: band-pass 600 to 8,000 Hz, Butterworth of order 3, forward and \
               backward, no common reference; a refractory time of 0.2 ms; thresholds as multiples of the median \
               absolute deviation, 4 and 5 in the list that it comes with; network bursts of at least 3 electrodes, \
               without a share of the active ones; lags of 10, 15 and 25 ms for the spike time tiling coefficient, \
               of which the first is set. Version 1.11 for Python was run beside Neurocyte on a simulated \
               recording: with threshold 4 it found 28,692 spikes, with 5 15,490.",
    unverified: "Whether these values give the same spikes as MEA-NAP: they were not compared spike by spike.",
    otherwise: "Unless you choose a threshold, MEA-NAP finds spikes with the wavelet bior1.5. Its bursts and network \
                bursts are runs of 10 spikes by the ISI_N rule; the limit comes from the intervals of each recording \
                and is at most 100 ms. The card of ISI_N takes the valley between short and long intervals wherever \
                it lies, counts nothing where there is no valley, and shows how many network bursts come by chance. \
                On the card “Network bursts” each electrode must burst first, and bursts must overlap. MEA-NAP adds \
                the median to the threshold, does not look for bursts of an electrode by MaxInterval, and lowers the \
                upper edge of the band just below half the sampling rate.",
    changes: &[
        name("filter", "btype", "bandpass"),
        number("filter", "freq_min_hz", 600.0),
        number("filter", "freq_max_hz", 8000.0),
        name("filter", "ftype", "butter"),
        number("filter", "filter_order", 3.0),
        name("filter", "direction", "forward-backward"),
        name("common_reference", "operator", "none"),
        name("noise_levels", "method", "mad"),
        name("detect_peaks", "method", "by_channel"),
        number("detect_peaks", "detect_threshold", 4.0),
        name("detect_peaks", "peak_sign", "neg"),
        number("detect_peaks", "exclude_sweep_ms", 0.2),
        number("network_bursts", "min_electrodes", 3.0),
        number("network_bursts", "min_percent", 1.0),
        number("network_bursts_isi_n", "n_spikes", 10.0),
        name("network_bursts_isi_n", "limit_from", "valley"),
        number("network_bursts_isi_n", "min_electrodes", 3.0),
        number("sttc", "dt_ms", 10.0),
    ],
};

const SPIKE_INTERFACE: Preset = Preset {
    id: "spikeinterface",
    title: "As SpikeInterface",
    purpose: "The filter, reference, noise and threshold of SpikeInterface, on each electrode by itself. Use it to \
              compare peaks, or to go on with its spike sorters.",
    source: "SpikeInterface 0.105: bandpass_filter, common_reference, detect_peaks; Buccino et al. 2020, \
             doi:10.7554/eLife.61834",
    verified: "Read in the source: 300 to 6,000 Hz, Butterworth of order 5, forward and backward; median of all \
               electrodes; 5 times the median absolute deviation, negative peaks, 1 ms before and after. Run beside \
               Neurocyte with the same noise levels, the peaks of each electrode are the same (100.00 % both ways).",
    unverified: "Versions after 0.105 were not looked at.",
    otherwise: "Where no method is given, detect_peaks takes the largest peak within 50 µm, which needs positions: \
                choose “Largest nearby” for that. SpikeInterface measures noise on stretches that it draws at random, \
                and keeps 16-bit recordings in whole steps; counts therefore differ by up to 3 %. It does not look \
                for bursts, so the burst values of your pipeline stay.",
    changes: &[
        name("filter", "btype", "bandpass"),
        number("filter", "freq_min_hz", 300.0),
        number("filter", "freq_max_hz", 6000.0),
        name("filter", "ftype", "butter"),
        number("filter", "filter_order", 5.0),
        name("filter", "direction", "forward-backward"),
        name("common_reference", "operator", "median"),
        name("common_reference", "reference", "global"),
        name("noise_levels", "method", "mad"),
        name("detect_peaks", "method", "by_channel"),
        number("detect_peaks", "detect_threshold", 5.0),
        name("detect_peaks", "peak_sign", "neg"),
        number("detect_peaks", "exclude_sweep_ms", 1.0),
    ],
};

const MEA_R_TOOLS: Preset = Preset {
    id: "meartools",
    title: "As meaRtools",
    purpose: "For spike lists of well plates. Use it to compare with the R package meaRtools.",
    source: "meaRtools 1.0.4, data/parameters.r, cran.r-project.org/package=meaRtools; Gelfman et al. 2018, \
             doi:10.1371/journal.pcbi.1006506; MaxInterval compared in Cotterill et al. 2016, \
             doi:10.1152/jn.00093.2016",
    verified: "Read in the source: bursts start within 100 ms, go on within 250 ms, are merged below 300 ms, last \
               50 ms and have 5 spikes; network bursts of at least 4 electrodes, without a share of the active \
               ones; the coefficient of pairs within 50 ms. Of 1,005 comparisons with meaRtools in R (335 \
               electrodes, three sets of limits) 1,000 are equal; the five others hang on intervals that are \
               exactly a limit. They were made by a program whose bursts Neurocyte equals to nine digits.",
    unverified: "Network bursts were not compared: meaRtools finds them by another rule.",
    otherwise: "In meaRtools a burst starts at intervals below 100 ms; in Neurocyte an interval of exactly 100 ms \
                starts one too. meaRtools begins with stored spikes, so filter and detection stay as they are. There \
                an electrode counts from 1 spike per minute and a well from 4 electrodes; here an electrode is active \
                from 5 spikes per minute. It takes the time from the first to the last spike as the length of a \
                recording. It finds network bursts in a smoothed rate by Otsu's threshold, and their number depends \
                on the smoothing: 43, 13 and 7 in one well. In Neurocyte each electrode must burst first, and bursts \
                must overlap.",
    changes: &[
        number("bursts_max_interval", "max_start_interval_ms", 100.0),
        number("bursts_max_interval", "max_end_interval_ms", 250.0),
        number("bursts_max_interval", "min_gap_ms", 300.0),
        number("bursts_max_interval", "min_duration_ms", 50.0),
        number("bursts_max_interval", "min_spikes", 5.0),
        number("network_bursts", "min_electrodes", 4.0),
        number("network_bursts", "min_percent", 1.0),
        number("sttc", "dt_ms", 50.0),
    ],
};

const EPA: Preset = Preset {
    id: "epa-nfa",
    title: "US EPA network formation assay",
    purpose: "For developing networks on well plates. Use it to compare with the features of the US EPA's assay.",
    source: "feature_calculation_notes.md in \
             github.com/Kelly-Carstens-EPA/CCTE_Shafer_MEA_dev_pre-processing_scripts; the same plates: Cotterill \
             et al. 2016, doi:10.1177/1087057116640520",
    verified: "Read in the notes: bursts start within 100 ms, go on within 250 ms, are merged below 800 ms, last 50 \
               ms and have 5 spikes; an electrode is active from 5 spikes a minute, as here; a network spike has \
               more than 4 electrodes in 50 ms. On published plates of the assay's laboratory rates are equal in \
               all wells, and burst rate, duration and share of spikes in 217 to 221 of 224 (with limits of that \
               paper).",
    unverified: "It is not known how the laboratory finds spikes: the assay begins with spike lists of AxIS, so \
                 filter and detection stay as they are. The tables of the assay itself were not computed again.",
    otherwise: "The card of the assay has its 17 numbers under their names, by the rules of its scripts: network \
                spikes in bins of 50 ms, electrodes that have at least one burst in two minutes, correlation and \
                mutual information. In the assay a burst starts at intervals below 100 ms; in Neurocyte an interval \
                of exactly 100 ms starts one too. Time is the length of the recording, not the time from the first \
                spike to the last. The other cards follow Neurocyte's own rules: in a network burst at least 5 \
                electrodes burst together, more than by chance, and one burst is enough for an electrode to count as \
                bursting. The area under the course of days is not computed.",
    changes: &[
        number("bursts_max_interval", "max_start_interval_ms", 100.0),
        number("bursts_max_interval", "max_end_interval_ms", 250.0),
        number("bursts_max_interval", "min_gap_ms", 800.0),
        number("bursts_max_interval", "min_duration_ms", 50.0),
        number("bursts_max_interval", "min_spikes", 5.0),
        number("network_bursts", "min_electrodes", 5.0),
        number("network_bursts", "min_percent", 1.0),
        number("network_formation_assay", "max_start_interval_ms", 100.0),
        number("network_formation_assay", "max_end_interval_ms", 250.0),
        number("network_formation_assay", "min_gap_ms", 800.0),
        number("network_formation_assay", "min_duration_ms", 50.0),
        number("network_formation_assay", "min_spikes", 5.0),
        number("network_formation_assay", "bursting_per_min", 0.5),
        number("network_formation_assay", "network_bin_ms", 50.0),
        number("network_formation_assay", "network_min_electrodes", 5.0),
        number("network_formation_assay", "network_min_spikes", 2.0),
        number("network_formation_assay", "ends_s", 5.0),
        number("network_formation_assay", "correlation_bin_ms", 10.0),
        number("network_formation_assay", "information_bins_per_s", 333.0),
    ],
};
