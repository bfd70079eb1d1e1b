//! How a result is looked at: nothing in here starts the network again.

use serde::{Deserialize, Serialize};

/// What is drawn over the photo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// The photo with the cracks in colour.
    #[default]
    Overlay,
    /// Cracks white, everything else black.
    Mask,
    /// The probability of a crack as a colour scale.
    Heat,
    /// The photo alone.
    Original,
}

impl View {
    /// All views, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Overlay, Self::Mask, Self::Heat, Self::Original];

    /// Whether the opacity can be chosen: a see-through mask would be neither photo nor mask.
    pub fn is_see_through(self) -> bool {
        matches!(self, Self::Overlay | Self::Heat)
    }

    /// Whether the threshold changes what is drawn.
    pub fn is_thresholded(self) -> bool {
        matches!(self, Self::Overlay | Self::Mask)
    }
}

/// The person's choices of looking. They hold for every photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// What is drawn.
    pub view: View,
    /// The threshold, where the person moved it away from the one that came with the weights.
    pub threshold: Option<f32>,
    /// Opacity of what is drawn over the photo, 0 to 1.
    pub opacity: f64,
    /// Where the before-after line stands, 0 (left) to 1, while comparing.
    pub split: Option<f64>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            view: View::default(),
            threshold: None,
            opacity: f64::from(crate::overlay::OPACITY),
            split: None,
        }
    }
}

impl Look {
    /// Chooses a view. Of the photo alone there is nothing to compare.
    pub fn choose(&mut self, view: View) {
        self.view = view;
        if view == View::Original {
            self.split = None;
        }
    }

    /// Opacity in the present view.
    pub fn effective_opacity(&self) -> f64 {
        if self.view.is_see_through() {
            self.opacity
        } else {
            1.0
        }
    }
}
