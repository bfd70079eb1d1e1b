//! The photo in what a caller sends.

use data_url::DataUrl;
use thiserror::Error;

use crate::gradio::{FileData, Inputs};
use crate::name::{self, LongName, beginning, last_component};
use crate::store::{Store, StoreError};

/// Why there is no photo to segment.
#[derive(Debug, Error)]
pub(crate) enum InputError {
    #[error(
        "Send one photo, as {{\"data\": [photo]}}, not {0}. A photo is what the upload's answer becomes: \
         {{\"path\": \"...\", \"meta\": {{\"_type\": \"gradio.FileData\"}}}}."
    )]
    Count(usize),
    #[error("There is no photo. Choose one and send it again.")]
    Missing,
    #[error(
        "The photo must come as a file, {{\"path\": \"...\", \"meta\": {{\"_type\": \"gradio.FileData\"}}}}, \
         with the path that the upload answered (in Python: handle_file(\"photo.jpg\"))."
    )]
    NotAFile,
    #[error(
        "This server fetches nothing from other addresses. Download the photo yourself and upload it \
         (in Python: handle_file(\"photo.jpg\"))."
    )]
    Elsewhere,
    #[error(
        "There is no file {0}: it was never uploaded here, or too many came after it. Upload it again."
    )]
    Unknown(String),
    #[error(
        "The photo's data address (data:...) can't be read. Upload the photo as a file instead."
    )]
    DataUrl,
    #[error(transparent)]
    Name(#[from] LongName),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A photo that is kept in the store.
#[derive(Debug)]
pub(crate) struct Photo {
    /// Where in the store.
    pub(crate) path: String,
    /// The name that its owner knows it by.
    pub(crate) name: String,
}

/// Finds the photo in the data of a call; one that comes within the data is kept in the store first.
pub(crate) fn photo(inputs: &Inputs, store: &Store) -> Result<Photo, InputError> {
    let input = match &inputs.first {
        Some(first) if inputs.count == 1 => first.get(),
        _ => return Err(InputError::Count(inputs.count)),
    };
    let file: Option<FileData> = serde_json::from_str(input).map_err(|_| InputError::NotAFile)?;
    let FileData {
        path,
        url,
        orig_name,
    } = file.ok_or(InputError::Missing)?;
    let given_name = orig_name.as_deref().filter(|name| !name.is_empty());
    let given_name = given_name.map(name::of_file).transpose()?;

    // An uploaded file first: what this server answers has an address too, which is only for looking at it.
    let path = path.filter(|path| !path.is_empty());
    if let Some(path) = &path
        && store.get(path).is_some()
    {
        let name = given_name
            .unwrap_or_else(|| last_component(path))
            .to_owned();
        return Ok(Photo {
            path: path.clone(),
            name,
        });
    }
    let source = url
        .filter(|url| !url.is_empty())
        .or(path)
        .ok_or(InputError::NotAFile)?;
    let is = |scheme: &str| {
        source
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    if is("data:") {
        let url = DataUrl::process(&source).map_err(|_| InputError::DataUrl)?;
        let (bytes, _) = url.decode_to_vec().map_err(|_| InputError::DataUrl)?;
        let name = given_name.unwrap_or("photo").to_owned();
        let path = store.put(&name, &bytes)?;
        Ok(Photo { path, name })
    } else if is("http:") || is("https:") {
        Err(InputError::Elsewhere)
    } else {
        Err(InputError::Unknown(beginning(&source).to_owned()))
    }
}
