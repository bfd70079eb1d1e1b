//! Photos and their masks, and the batches drawn from them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use crack_segmenter::photo::{self, Levels};
use fastrand::Rng;
use image::GrayImage;

use crate::augment::{self, CROP, Sample};
use crate::lists::{Entry, read_grey, read_label, read_list};

/// Every N-th crack-free image is kept aside, for validation.
pub(crate) const KEPT_ASIDE: usize = 10;

/// Share of the cracks on crack-free images that are to come from a pair, where there are pairs; the others, and those whose
/// pair shows none, are drawn.
const TRANSPLANTED: f32 = 0.6;

/// A photo and its mask (255 = crack), both grey and of one size.
pub(crate) struct Pair {
    pub(crate) photo: GrayImage,
    pub(crate) mask: GrayImage,
}

/// What there is to learn from, in memory.
pub(crate) struct Pictures {
    /// By source: the first folder of a path.
    sources: Vec<Vec<Pair>>,
    free: Vec<GrayImage>,
}

impl Pictures {
    /// Reads the pairs `IMAGE MASK` of the lists, and the crack-free images `IMAGE` but those kept aside.
    pub(crate) fn read(data: &Path, pairs: &[PathBuf], free: &[PathBuf]) -> Result<Self> {
        let mut sources: BTreeMap<String, Vec<Pair>> = BTreeMap::new();
        for list in pairs {
            for (name, pair) in read_pairs(data, list)? {
                let source = name.split('/').next().unwrap_or_default().to_owned();
                sources.entry(source).or_default().push(pair);
            }
        }
        let free = read_free(data, free, false)?;
        ensure!(
            !sources.is_empty() || !free.is_empty(),
            "the lists name no picture"
        );
        Ok(Self {
            sources: sources.into_values().collect(),
            free,
        })
    }

    /// A source, drawn with the square root of its size as weight: a small one is not learned by heart, a large one does
    /// not drown the others.
    fn a_source(&self, rng: &mut Rng) -> &[Pair] {
        let weight = |source: &Vec<Pair>| (source.len() as f32).sqrt();
        let mut left = rng.f32() * self.sources.iter().map(weight).sum::<f32>();
        let is_drawn = |source: &&Vec<Pair>| {
            left -= weight(source);
            left < 0.0
        };
        let drawn = self.sources.iter().find(is_drawn);
        drawn.or(self.sources.last()).map_or(&[], Vec::as_slice)
    }

    /// Number of pairs.
    pub(crate) fn pairs(&self) -> usize {
        self.sources.iter().map(Vec::len).sum()
    }
}

/// How batches are drawn.
#[derive(Clone, Copy)]
pub(crate) enum Drawing {
    /// Crops augmented at random.
    Augmented {
        /// Share of crack-free crops, where there are crack-free images; all, where there are no others.
        free: f32,
        /// Share of the crack-free crops with more than that (see `strength`) that get cracks, drawn or from a pair.
        drawn: f32,
        /// Share of crops that are more than turned, scaled and exposed anew.
        strength: f32,
    },
    /// Every pair once an epoch, whole, stretched to a crop: what the original did.
    Whole,
}

/// Draws batches: the same for the same seed and step, so that a run that is resumed sees the same pictures.
pub(crate) struct Sampler {
    pub(crate) pictures: Pictures,
    pub(crate) drawing: Drawing,
    pub(crate) levels: Levels,
    pub(crate) seed: u64,
}

/// Crops \[N, 1, 256, 256\], one after the other.
#[derive(Default)]
pub(crate) struct Batch {
    /// Grey scaled to -1..1.
    pub(crate) inputs: Vec<f32>,
    /// Share of crack at each pixel, 0..1.
    pub(crate) targets: Vec<f32>,
}

impl Sampler {
    /// The batch of one step.
    pub(crate) fn batch(&self, step: usize, size: usize) -> Batch {
        let mut batch = Batch::default();
        for place in 0..size {
            let sample = self.sample(step * size + place);
            let photo = self.levels.of(sample.photo.to_grey());
            let input = |&grey: &u8| f32::from(grey) / 127.5 - 1.0;
            batch.inputs.extend(photo.iter().map(input));
            batch.targets.extend_from_slice(sample.label.values());
        }
        batch
    }

    fn sample(&self, number: usize) -> Sample {
        let mut rng = self.rng(number);
        match self.drawing {
            Drawing::Augmented {
                free,
                drawn,
                strength,
            } => {
                let pictures = &self.pictures;
                let free = match (pictures.sources.is_empty(), pictures.free.is_empty()) {
                    (true, _) => 1.0,
                    (false, true) => 0.0,
                    (false, false) => free,
                };
                if rng.f32() < free {
                    let photo = &pictures.free[rng.usize(..pictures.free.len())];
                    let source = pictures.a_source(&mut rng);
                    let donor = (rng.f32() < TRANSPLANTED && !source.is_empty())
                        .then(|| &source[rng.usize(..source.len())])
                        .map(|pair| (&pair.photo, &pair.mask));
                    augment::uncracked(&mut rng, photo, strength, drawn, donor)
                } else {
                    let source = pictures.a_source(&mut rng);
                    let pair = &source[rng.usize(..source.len())];
                    augment::cracked(&mut rng, &pair.photo, &pair.mask, strength)
                }
            }
            Drawing::Whole => self.whole(number),
        }
    }

    fn whole(&self, number: usize) -> Sample {
        let count = self.pictures.pairs();
        let mut order: Vec<usize> = (0..count).collect();
        self.rng(number / count).shuffle(&mut order);
        let mut pairs = self.pictures.sources.iter().flatten();
        let stretched = |picture: &GrayImage| {
            let side = CROP as u32;
            augment::Picture::from_grey(&photo::resize_grey(picture, side, side))
        };
        match pairs.nth(order[number % count]) {
            Some(pair) => Sample {
                photo: stretched(&pair.photo),
                label: stretched(&pair.mask),
            },
            None => unreachable!("the order has a place for each pair"),
        }
    }

    fn rng(&self, number: usize) -> Rng {
        Rng::with_seed(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number as u64)
    }
}

/// The pairs of a list with their images' names.
pub(crate) fn read_pairs(data: &Path, list: &Path) -> Result<Vec<(String, Pair)>> {
    let mut pairs = Vec::new();
    for Entry { image, mask } in read_list(list)? {
        let mask = mask.with_context(|| format!("{image} has no mask in {}", list.display()))?;
        let pair = Pair {
            photo: read_grey(&data.join(&image))?,
            mask: read_label(&data.join(&mask))?,
        };
        ensure!(
            pair.photo.dimensions() == pair.mask.dimensions(),
            "{image} and {mask} differ in size"
        );
        pairs.push((image, pair));
    }
    Ok(pairs)
}

/// The crack-free images of lists: those kept aside, or those to learn from.
pub(crate) fn read_free(
    data: &Path,
    lists: &[PathBuf],
    are_kept_aside: bool,
) -> Result<Vec<GrayImage>> {
    let mut images = Vec::new();
    for list in lists {
        for (place, entry) in read_list(list)?.iter().enumerate() {
            if ((place + 1) % KEPT_ASIDE == 0) == are_kept_aside {
                images.push(read_grey(&data.join(&entry.image))?);
            }
        }
    }
    Ok(images)
}
