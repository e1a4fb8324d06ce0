//! Roles of nodes.

/// From so many deviations within its community a node is a hub. A community needs eight nodes to have one.
pub const HUB_Z: f64 = 2.5;

/// The role of a node in its community and beyond: the cartography of Guimerà & Amaral 2005, doi:10.1038/nature03288.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// No edge.
    Alone,
    /// All edges within its community.
    UltraPeripheral,
    /// Most within.
    Peripheral,
    /// Many to other communities.
    Connector,
    /// As many to each.
    Kinless,
    /// A hub, most edges within its community.
    ProvincialHub,
    /// A hub with many edges to others.
    ConnectorHub,
    /// A hub with as many to each.
    KinlessHub,
}

impl Role {
    /// By the strength within the community, in deviations, and the participation.
    #[must_use]
    pub fn new(within_module_z: f64, participation: f64) -> Self {
        let is_hub = within_module_z >= HUB_Z;
        match participation {
            p if is_hub && p <= 0.30 => Self::ProvincialHub,
            p if is_hub && p <= 0.75 => Self::ConnectorHub,
            _ if is_hub => Self::KinlessHub,
            p if p <= 0.05 => Self::UltraPeripheral,
            p if p <= 0.62 => Self::Peripheral,
            p if p <= 0.80 => Self::Connector,
            _ => Self::Kinless,
        }
    }

    /// Whether it is a hub.
    #[must_use]
    pub const fn is_hub(self) -> bool {
        matches!(self, Self::ProvincialHub | Self::ConnectorHub | Self::KinlessHub)
    }

    /// The name of the role in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alone => "no edge",
            Self::UltraPeripheral => "ultra-peripheral",
            Self::Peripheral => "peripheral",
            Self::Connector => "connector",
            Self::Kinless => "kinless",
            Self::ProvincialHub => "provincial hub",
            Self::ConnectorHub => "connector hub",
            Self::KinlessHub => "kinless hub",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_lie_between_their_limits() {
        let of = |z: f64| [0.0, 0.3, 0.62, 0.7, 0.9].map(|p| Role::new(z, p).name());
        assert_eq!(of(2.4), ["ultra-peripheral", "peripheral", "peripheral", "connector", "kinless"]);
        assert_eq!(of(2.5), ["provincial hub", "provincial hub", "connector hub", "connector hub", "kinless hub"]);
        assert!(Role::new(3.0, 0.1).is_hub() && !Role::new(0.0, 0.1).is_hub() && !Role::Alone.is_hub());
    }
}
