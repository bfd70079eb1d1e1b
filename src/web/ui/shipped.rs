//! The weights that come along with the app, of which a person chooses.

use serde::{Deserialize, Serialize};

use crate::protocol::EngineInfo;

/// Those of `weights/manifest.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shipped {
    /// The most accurate ones, for research.
    Lite,
    /// Those that may be used for anything.
    Open,
}

impl Shipped {
    /// In the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Lite, Self::Open];

    /// In the manifest and in the file itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lite => "lite",
            Self::Open => "open",
        }
    }

    /// Those of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shipped| shipped.name() == name)
    }

    /// Those that an engine runs; none where a person brought others, whatever they are called.
    pub fn of_engine(engine: &EngineInfo) -> Option<Self> {
        Self::of_name(&engine.weights).filter(|_| !engine.has_own_weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_lists_them() {
        let text = include_str!("../../../weights/manifest.json");
        let manifest: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let listed = (0..).map_while(|index| manifest["weights"][index]["name"].as_str());
        assert_eq!(listed.collect::<Vec<_>>(), Shipped::ALL.map(Shipped::name));
    }
}
