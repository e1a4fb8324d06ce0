use super::*;

#[test]
fn the_default_pipeline_is_valid_and_survives_json() {
    let pipeline = Pipeline::default();
    let text = serde_json::to_string(&pipeline).expect("serializes");
    assert_eq!(Pipeline::from_json(&text), Ok(pipeline));
}

#[test]
fn blocks_come_and_go_in_the_registrys_order() {
    let mut pipeline = Pipeline::default();
    assert_eq!(pipeline.blocks.len(), 4, "optional blocks are not there by themselves");
    pipeline.add("coincident_events");
    pipeline.set("notch_filter", "freq_hz", 60.into());
    pipeline.set("bad_channels", "channel_ids", vec!["A1"].into());
    let chain: Vec<_> = pipeline.blocks.iter().map(|block| (block.kind.as_str(), block.input.as_str())).collect();
    let expected = [
        ("bad_channels", "recording"),
        ("filter", "bad_channels"),
        ("notch_filter", "filter"),
        ("common_reference", "notch_filter"),
        ("noise_levels", "common_reference"),
        ("detect_peaks", "common_reference"),
        ("coincident_events", "common_reference"),
    ];
    assert_eq!(chain, expected);
    assert_eq!(pipeline.check(), Ok(()));
    assert_eq!(pipeline.left_out(), ["A1"]);
    for kind in ["bad_channels", "notch_filter", "coincident_events"] {
        pipeline.remove(kind);
    }
    assert_eq!(pipeline, Pipeline::default());
}

#[test]
fn a_graph_repeats_analyses_and_keeps_what_it_does_not_know() {
    let chain = Pipeline::default();
    let mut graph = chain.clone();
    let second = graph.add_analysis("sttc").expect("an analysis");
    graph.set_analysis(&second, "dt_ms", 10.into());
    assert_eq!((second.as_str(), graph.version), ("sttc_2", GRAPH_VERSION));
    assert!(graph.blocks.starts_with(&chain.blocks), "the way to the spikes stays as it is");
    let inputs: Vec<&str> =
        graph.blocks.iter().filter(|block| block.is_analysis()).map(|block| block.input.as_str()).collect();
    assert!(inputs.len() == 8 && inputs.iter().all(|input| *input == "detect_peaks"), "{inputs:?}");
    let text = serde_json::to_string(&graph).expect("JSON");
    assert!(text.contains(r#""in":{"spikes":"detect_peaks"}"#), "{text}");
    assert_eq!(Pipeline::from_json(&text), Ok(graph.clone()));
    // A kind of a later version, and what takes its output.
    let later = text.replace(
        r#"{"id":"sttc_2""#,
        r#"{"id":"x","kind":"sort_units","in":{"spikes":"detect_peaks","recording":"filter"},"params":{"k":1}},{"id":"sttc_2""#,
    );
    let kept = Pipeline::from_json(&later).expect("read");
    let again = serde_json::to_value(&kept).expect("JSON");
    assert_eq!(again, serde_json::from_str::<Value>(&later).expect("JSON"));
    assert!(kept.blocks.iter().any(|block| block.spec().is_none()));
    graph.remove_analysis("sttc");
    assert!(graph.blocks.iter().all(|block| block.id != "sttc"));
    for block in &mut graph.blocks {
        if block.id == "sttc_2" {
            block.input = "filter".into();
        }
    }
    assert!(matches!(graph.check(), Err(PipelineError::WrongPort { .. })));
    let analysis_in_a_chain = text.replace(r#""version":2"#, r#""version":1"#);
    assert!(Pipeline::from_json(&analysis_in_a_chain).is_err());
    let twice = text.replace(r#""dt_ms":10"#, r#""dt_ms":10,"dt_ms":900"#);
    assert!(twice != text && Pipeline::from_json(&twice).is_err_and(|error| error.to_string().contains("dt_ms")));
    for (id, fits) in [
        ("a-B_9", true),
        ("", false),
        ("a/b", false),
        ("日本", false),
        (RECORDING, false),
        ("STTC", true),
        ("FILTER", false),
    ] {
        let mut named = chain.with_analyses();
        if let Some(block) = named.blocks.last_mut() {
            block.id = id.to_owned();
        }
        // The last block is another than “sttc”, so that a name that differs from it by case alone is taken.
        assert_eq!(named.check().is_ok(), fits && id != "STTC", "{id}");
    }
    let mut late = chain.with_analyses();
    late.blocks.insert(
        5,
        Block {
            input: "common_reference".into(),
            ..Block::new(spec("coincident_events").expect("known"), "late".into())
        },
    );
    assert!(matches!(late.check(), Err(PipelineError::OutOfOrder { .. })), "analyses before it would get other spikes");
    let long = format!("{}{}", " ".repeat(MAX_FILE_BYTES), text);
    assert!(matches!(Pipeline::from_json(&long), Err(PipelineError::NotAPipeline(_))));
}

#[test]
fn errors_name_the_block_the_parameter_and_the_range() {
    let mut pipeline = Pipeline::default();
    pipeline.set("detect_peaks", "detect_threshold", Value::from(-1));
    let message = pipeline.check().expect_err("refused").to_string();
    assert_eq!(message, "block “detect_peaks”: detect_threshold is -1, but it must be 3 to 50 x noise");
    pipeline = Pipeline::default();
    pipeline.blocks[1].input = "later".into();
    assert!(matches!(pipeline.check(), Err(PipelineError::UnknownInput { .. })));
    pipeline = Pipeline::default();
    if let Some(block) = pipeline.blocks.last_mut() {
        block.input = RECORDING.into();
    }
    assert!(matches!(pipeline.check(), Err(PipelineError::OutOfOrder { .. })));
    pipeline = Pipeline::default();
    pipeline.add("coincident_events");
    pipeline.set("coincident_events", "min_electrodes", Value::from(4.7));
    assert!(matches!(pipeline.check(), Err(PipelineError::OutOfRange { .. })));
    pipeline = Pipeline::default();
    pipeline.set("common_reference", "local_radius_min_um", Value::from(100));
    assert!(matches!(Settings::new(&pipeline, 20_000.0), Err(PipelineError::Radii { .. })));
    for rate_hz in [100.0, 500.0, 1250.0, 2000.0, 5000.0, 10_000.0] {
        assert!(Settings::new(&Pipeline::fitted_to(rate_hz), rate_hz).is_ok(), "{rate_hz} Hz");
    }
    let narrow = Settings::new(&Pipeline::default(), 5000.0).expect_err("3 kHz is above Nyquist");
    assert!(narrow.to_string().contains("between 0 and 2500 Hz"), "{narrow}");
}
