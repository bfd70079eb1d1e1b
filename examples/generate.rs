//! Makes pictures of concrete with cracks, each with its true mask.
//!
//! ```text
//! cargo run --release --example generate -- --out made --count 100 --seed 1
//! cargo run --release --example generate -- --page www/examples
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use ::image::RgbImage;
use ::image::codecs::jpeg::JpegEncoder;
use anyhow::{Context, Result};
use clap::Parser;
use crack_segmenter::export::{png_grey, png_rgb};
use crack_segmenter::synthetic::{SceneSpec, generate};

/// Makes pictures of concrete with cracks, each with its true mask.
#[derive(Parser)]
struct Options {
    /// Folder for `STEM.png` and its true mask, `STEM.truth.png`: no name of what `segment` writes.
    #[arg(long, default_value = "made")]
    out: PathBuf,
    /// How many.
    #[arg(long, default_value_t = 10)]
    count: u64,
    /// Seed of the first; the others count up.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Pixels across.
    #[arg(long, default_value_t = 512)]
    width: u32,
    /// Pixels down.
    #[arg(long, default_value_t = 512)]
    height: u32,
    /// Instead write the page's example photos (JPEG) into this folder.
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    if let Some(folder) = options.page {
        return write_page_examples(&folder);
    }
    create(&options.out)?;
    for seed in options.seed..options.seed + options.count {
        let scene = generate(&SceneSpec::varied(options.width, options.height, seed));
        write(
            &options.out.join(format!("{seed:06}.png")),
            &png_rgb(&scene.photo, None)?,
        )?;
        write(
            &options.out.join(format!("{seed:06}.truth.png")),
            &png_grey(scene.truth.as_image(), None)?,
        )?;
    }
    Ok(())
}

fn write_page_examples(folder: &Path) -> Result<()> {
    create(folder)?;
    for (name, spec) in page_examples() {
        write(
            &folder.join(format!("{name}.jpg")),
            &jpeg(&generate(&spec).photo)?,
        )?;
    }
    Ok(())
}

/// A wall with a branching crack beside a joint, a rough stained slab, and a hairline on smooth plaster.
fn page_examples() -> [(&'static str, SceneSpec); 3] {
    let photo = SceneSpec {
        width: 1200,
        height: 900,
        ..SceneSpec::default()
    };
    [
        (
            "wall",
            SceneSpec {
                seed: 3,
                crack_width: 5.0,
                branching: 0.4,
                roughness: 0.35,
                joint: true,
                ..photo.clone()
            },
        ),
        (
            "slab",
            SceneSpec {
                seed: 8,
                crack_width: 6.0,
                branching: 0.9,
                roughness: 0.9,
                stains: 0.9,
                ..photo.clone()
            },
        ),
        (
            "fine",
            SceneSpec {
                seed: 5,
                crack_width: 2.2,
                branching: 0.2,
                roughness: 0.1,
                stains: 0.1,
                ..photo
            },
        ),
    ]
}

fn jpeg(photo: &RgbImage) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 85).encode_image(photo)?;
    Ok(file)
}

fn create(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}
