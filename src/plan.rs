//! At which size a photo is worked, so that a slow device finishes in reasonable time.

use serde::{Deserialize, Serialize};

/// The pipelines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Overlapping tiles of the photo as it is; the mask has the photo's size.
    #[default]
    Native,
    /// The same, and once more upside down, averaged (test-time augmentation): twice the work, and fewer errors.
    Thorough,
    /// What the original Space did: the whole photo stretched to 256x256, a mask of 256x256.
    Space,
}

impl Mode {
    /// Whether the photo is worked as it is, and the mask has its size; else both are squares.
    pub fn is_in_shape(self) -> bool {
        self != Self::Space
    }

    /// What programs call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Thorough => "thorough",
            Self::Space => "space",
        }
    }

    /// How often the network looks at a photo, at each size that it is seen at.
    pub(crate) fn looks(self) -> usize {
        match self {
            Self::Native | Self::Space => 1,
            Self::Thorough => 2,
        }
    }
}

/// At which size the network works on a photo as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resolution {
    /// Full, unless this device would need unreasonably long.
    #[default]
    Auto,
    /// Every pixel of the photo, however long it takes.
    Full,
}

/// How to work a photo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Which of the pipelines.
    pub mode: Mode,
    /// At which size, but for [`Mode::Space`].
    pub resolution: Resolution,
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Size {
    /// Number of pixels.
    pub fn area(self) -> usize {
        self.width as usize * self.height as usize
    }

    /// This size times `scale`, at least one pixel each way.
    fn scaled(self, scale: f64) -> Self {
        let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
        Self {
            width: scaled(self.width),
            height: scaled(self.height),
        }
    }
}

/// What the network will work on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Working size over photo size; 1 = every pixel, and always 1 in [`Mode::Space`], which has a size of its own.
    pub working_scale: f64,
    /// Size of the photo that the network is given.
    pub size: Size,
    /// Time this is expected to take on this device, in seconds.
    pub seconds: f64,
    /// Time that every pixel would be expected to take, in seconds.
    pub seconds_full: f64,
}

/// Side of the square that the original Space stretches every photo to, in pixels.
pub const SPACE_SIZE: u32 = 256;

/// Time that a person may be left waiting for a look without having asked for it, in seconds.
const PATIENCE: f64 = 60.0;

/// A photo is reduced only where that takes no more than this share of the full time.
const WORTH: f64 = 0.67;

/// The pixels that a photo keeps whatever the time: cracks vanish below.
const LEAST_AREA: f64 = 1600.0 * 1200.0;

/// A photo tells how fast a device is from this size on, in megapixels; smaller ones are mostly padding.
const TELLING: f64 = 0.05;

impl Plan {
    /// Plans for a photo of size `photo` on a device of this speed (seconds a megapixel, in [`Mode::Native`]).
    pub fn new(photo: Size, settings: Settings, seconds_per_megapixel: f64) -> Self {
        let speed = seconds_per_megapixel * settings.mode.looks() as f64;
        let seconds_at = |size: Size| size.area() as f64 / 1e6 * speed;
        let seconds_full = seconds_at(photo);
        if !settings.mode.is_in_shape() {
            let seconds = seconds_at(Size {
                width: SPACE_SIZE,
                height: SPACE_SIZE,
            });
            return Self {
                working_scale: 1.0,
                size: photo,
                seconds,
                seconds_full: seconds,
            };
        }
        // Who asks for more than one look expects to wait for it, and no coarser photo.
        let patience = PATIENCE * settings.mode.looks() as f64;
        let share = (patience / seconds_full).max(LEAST_AREA / photo.area() as f64);
        let working_scale = match settings.resolution {
            Resolution::Auto if share < WORTH => share.sqrt(),
            _ => 1.0,
        };
        let size = photo.scaled(working_scale);
        Self {
            working_scale,
            size,
            seconds: seconds_at(size),
            seconds_full,
        }
    }

    /// Time that every pixel would take, in seconds, by the time that this took.
    pub fn seconds_full_after(&self, seconds: f64) -> f64 {
        seconds / self.working_scale.powi(2)
    }

    /// The device's speed in seconds a megapixel in [`Mode::Native`], by the time that a photo took; none where that tells
    /// little.
    pub fn speed(&self, mode: Mode, seconds: f64) -> Option<f64> {
        let megapixels = self.size.area() as f64 / 1e6;
        (mode.is_in_shape() && megapixels >= TELLING)
            .then_some(seconds / megapixels / mode.looks() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: Size = Size {
        width: 4000,
        height: 3000,
    };

    #[test]
    fn a_fast_device_works_every_pixel() {
        let plan = Plan::new(PHOTO, Settings::default(), 0.5);
        assert_eq!((plan.working_scale, plan.size), (1.0, PHOTO));
        assert!((plan.seconds - 6.0).abs() < 1e-9);
    }

    #[test]
    fn a_slow_device_works_a_smaller_photo_within_patience() {
        let plan = Plan::new(PHOTO, Settings::default(), 20.0);
        assert!(
            plan.working_scale < 1.0 && plan.seconds <= PATIENCE * 1.01,
            "{plan:?}"
        );
        assert!((plan.seconds_full - 240.0).abs() < 1e-9);
        let ratio = f64::from(plan.size.width) / f64::from(plan.size.height);
        assert!((ratio - 4.0 / 3.0).abs() < 1e-3);
    }

    #[test]
    fn the_thorough_mode_takes_twice_the_time_at_the_same_size() {
        let settings = Settings {
            mode: Mode::Thorough,
            ..Settings::default()
        };
        for speed in [0.5, 5.0, 6.0, 10.0, 1000.0] {
            let (once, twice) = (
                Plan::new(PHOTO, Settings::default(), speed),
                Plan::new(PHOTO, settings, speed),
            );
            assert_eq!(once.size, twice.size);
            assert!((twice.seconds / once.seconds - 2.0).abs() < 1e-9);
            assert!((twice.seconds_full / once.seconds_full - 2.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_photo_tells_the_speed_unless_it_is_small_or_of_the_fixed_size() {
        let plan = Plan::new(PHOTO, Settings::default(), 1.0);
        assert_eq!(plan.speed(Mode::Native, 24.0), Some(2.0));
        assert_eq!(plan.speed(Mode::Thorough, 48.0), Some(2.0));
        assert_eq!(plan.speed(Mode::Space, 24.0), None);
        let small = Size {
            width: 200,
            height: 150,
        };
        let plan = Plan::new(small, Settings::default(), 1.0);
        assert_eq!(plan.speed(Mode::Native, 24.0), None);
    }

    #[test]
    fn a_small_gain_is_not_worth_the_detail() {
        assert_eq!(
            Plan::new(PHOTO, Settings::default(), 6.0).working_scale,
            1.0
        );
        // However slow the device is: most of these pixels are kept.
        let photo = Size {
            width: 1700,
            height: 1275,
        };
        assert_eq!(
            Plan::new(photo, Settings::default(), 1000.0).working_scale,
            1.0
        );
    }

    #[test]
    fn a_very_slow_device_keeps_the_cracks_visible() {
        let size_of = |photo| Plan::new(photo, Settings::default(), 1000.0).size;
        let kept = Size {
            width: 1600,
            height: 1200,
        };
        assert_eq!(size_of(PHOTO), kept);
        // Cracks of a panorama are no wider.
        let panorama = Size {
            width: 20_000,
            height: 600,
        };
        assert_eq!(size_of(panorama).width, 8000);
    }

    #[test]
    fn full_resolution_is_kept_when_asked_for() {
        let settings = Settings {
            resolution: Resolution::Full,
            ..Settings::default()
        };
        assert_eq!(Plan::new(PHOTO, settings, 1000.0).size, PHOTO);
    }

    #[test]
    fn a_small_photo_is_never_enlarged() {
        let photo = Size {
            width: 300,
            height: 200,
        };
        assert_eq!(Plan::new(photo, Settings::default(), 1e6).size, photo);
    }

    #[test]
    fn the_space_has_one_size() {
        let settings = Settings {
            mode: Mode::Space,
            ..Settings::default()
        };
        let plan = Plan::new(PHOTO, settings, 10.0);
        assert!(plan.seconds < 1.0 && plan.working_scale == 1.0);
    }
}
