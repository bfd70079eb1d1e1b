//! A folder that can be pushed as it is as a static Space on Hugging Face.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

/// The Space's card; its front matter is the Space's configuration.
const CARD: &str = include_str!("space.md");

/// What Hugging Face wants by Git LFS: files above 10 MB, and binary ones.
const LFS: &str = "\
*.wasm filter=lfs diff=lfs merge=lfs -text
*.bpk filter=lfs diff=lfs merge=lfs -text
*.jpg filter=lfs diff=lfs merge=lfs -text
*.png filter=lfs diff=lfs merge=lfs -text
";

/// Makes `out` from the built app in `dist` and the licences in `root`. What was in `out` goes, except its `.git`: so the
/// next version can be written into a clone of the Space, or of the one that it replaces.
///
/// # Errors
/// When a file cannot be read or written, or `out` has things in it and is no Space.
pub fn write(root: &Path, dist: &Path, out: &Path) -> Result<()> {
    fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    expect_own_folder(root, out, "README.md", |card| {
        card.starts_with("---\n") && card.contains("\nsdk:")
    })?;
    ensure!(
        !out.canonicalize()?.starts_with(dist.canonicalize()?),
        "{} is within the app that is copied: choose a folder elsewhere by --out",
        out.display()
    );
    for entry in fs::read_dir(out)? {
        let entry = entry?;
        if entry.file_name() == ".git" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    // What is compressed is for servers that send it as it is, which Hugging Face's does not; and the Hub refuses what is binary and
    // not in its LFS.
    let is_plain = |file: &Path| !file.extension().is_some_and(|it| it == "br" || it == "gz");
    copy_some(dist, out, &is_plain).with_context(|| format!("copying {}", dist.display()))?;
    fs::write(out.join("README.md"), CARD)?;
    fs::write(out.join(".gitattributes"), LFS)?;
    fs::write(out.join("LICENSE.md"), licence(root)?)?;
    Ok(())
}

/// What is about to be emptied must be empty already, or an earlier version, which this file in it tells, and not the
/// repository or a folder around it.
pub(crate) fn expect_own_folder(
    root: &Path,
    out: &Path,
    file: &str,
    is_earlier: impl FnOnce(&str) -> bool,
) -> Result<()> {
    let is_around = root.canonicalize()?.starts_with(out.canonicalize()?);
    let is_empty = fs::read_dir(out)?.next().is_none();
    let before = fs::read_to_string(out.join(file)).unwrap_or_default();
    ensure!(
        !is_around && (is_empty || is_earlier(&before)),
        "{} has other things in it, and would be emptied: choose a folder of its own by --out",
        out.display()
    );
    Ok(())
}

pub(crate) fn licence(root: &Path) -> Result<String> {
    let text = |name: &str| fs::read_to_string(root.join(name)).with_context(|| name.to_owned());
    Ok(format!(
        "The program is licensed under either of the two licences below, at your option. The weights have terms of their \
         own, see weights/README.md: `lite` for research, not for commercial use; `open` for any, learned from cracks drawn on \
         photos of concrete by Özgenel (CC BY 4.0).\n\n---\n\n{}\n---\n\n{}",
        text("LICENSE-MIT")?,
        text("LICENSE-APACHE")?
    ))
}

/// Copies a folder with all that is in it.
///
/// # Errors
/// When a file cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    copy_some(from, to, &|_| true)
}

fn copy_some(from: &Path, to: &Path, is_wanted: &impl Fn(&Path) -> bool) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_some(&from, &to, is_wanted)?;
        } else if is_wanted(&from) {
            fs::copy(from, to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_has_the_app_its_card_and_licences_and_keeps_its_repository() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("xtask-space-{}", std::process::id()));
        let (root, dist, out) = (
            folder.join("root"),
            folder.join("dist"),
            folder.join("space"),
        );
        fs::create_dir_all(&root)?;
        fs::create_dir_all(dist.join("www"))?;
        fs::create_dir_all(out.join(".git"))?;
        fs::write(out.join("app.py"), "gone")?;
        fs::write(
            out.join("README.md"),
            "---\ntitle: Cracks\nsdk: gradio\n---\n",
        )?;
        fs::write(root.join("LICENSE-MIT"), "one")?;
        fs::write(root.join("LICENSE-APACHE"), "two")?;
        fs::write(dist.join("index.html"), "page")?;
        fs::write(dist.join("www/style.css"), "style")?;
        fs::write(dist.join("www/style.css.br"), "compressed")?;

        write(&root, &dist, &out)?;
        let read = |name: &str| fs::read_to_string(out.join(name));
        assert_eq!(read("www/style.css")?, "style");
        assert!(!out.join("www/style.css.br").exists());
        assert!(read("README.md")?.starts_with("---\ntitle:"));
        assert!(read("README.md")?.contains("\nsdk: static\napp_file: index.html\n"));
        assert!(read("LICENSE.md")?.ends_with("one\n---\n\ntwo"));
        assert!(out.join(".git").exists() && !out.join("app.py").exists());
        for other in [&root, &dist, &dist.join("space"), &folder] {
            assert!(write(&root, &dist, other).is_err(), "{}", other.display());
        }
        assert!(root.join("LICENSE-MIT").exists() && dist.join("www/style.css").exists());
        Ok(fs::remove_dir_all(folder)?)
    }
}
