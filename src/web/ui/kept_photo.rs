//! A photo in a session: its file, its preview, the map of its last result with what was taken out of it, and a record of what is
//! known of it. The record comes last and names the map, so that what is read belongs together whenever the page ended.

use js_sys::JSON;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use web_sys::{Blob, File};

use super::dom;
use super::ledger::{Entry, Lasting};
use super::photo::Photo;
use super::pictures::PhotoFiles;
use super::session::{LeftOver, Session};
use crate::correction::Removed;
use crate::protocol::JobId;
use crate::web::blob;

/// The parts of a photo in its session; of maps and of what was taken out of them the number follows.
pub(super) const RECORD: &str = "record";
const FILE: &str = "file";
const PREVIEW: &str = "preview";
const MAP: &str = "map-";
const LEFT_OUT: &str = "left-out-";

/// What is known of a photo.
#[derive(Serialize, Deserialize)]
struct Record {
    lasting: Lasting,
    /// The number of its map.
    map: Option<u32>,
}

/// A photo of an earlier visit, with its files.
pub(super) struct KeptPhoto {
    pub(super) session: Session,
    pub(super) key: u32,
    pub(super) lasting: Lasting,
    pub(super) file: File,
    pub(super) preview: Option<Blob>,
    /// With its number, and what was taken out of it.
    pub(super) map: Option<(u32, Blob, Vec<Removed>)>,
    /// Whether all could be read.
    pub(super) is_whole: bool,
}

/// What there is to write of a photo beside its record.
pub(super) struct Due {
    file: Option<File>,
    preview: Option<Blob>,
    /// With its job, and what was taken out of it.
    map: Option<(JobId, Blob, Vec<u8>)>,
}

impl Due {
    /// Of these files what is not kept yet.
    pub(super) fn of(files: &PhotoFiles, before: &Entry<Session>, photo: &Photo) -> Self {
        let job = photo.outcome.as_ref().map(|outcome| outcome.job);
        let is_kept = |its: JobId| before.map.is_some_and(|(kept, _)| kept == its);
        let map = files.map.as_ref();
        let map = map.filter(|(its, _)| Some(*its) == job && !is_kept(*its));
        let has_preview = before.lasting.as_ref().is_some_and(|it| it.has_preview);
        let preview = files.preview.as_ref().filter(|_| !has_preview);
        Self {
            file: before.lasting.is_none().then(|| files.file.clone()),
            preview: preview.map(|preview| preview.file.clone()),
            map: map.map(|(its, map)| (*its, map.clone(), Removed::write_all(&files.left_out))),
        }
    }

    /// Writes it, and the record. Gives back what is kept then.
    pub(super) async fn write(
        self,
        before: &Entry<Session>,
        lasting: Lasting,
    ) -> Result<Entry<Session>, JsValue> {
        let (session, key) = (&before.session, before.key);
        if let Some(file) = &self.file {
            session.put(key, FILE, file).await?;
        }
        if let Some(preview) = &self.preview {
            session.put(key, PREVIEW, preview).await?;
        }
        let job = lasting.photo.outcome.as_ref().map(|outcome| outcome.job);
        let mut map = before.map.filter(|(its, _)| Some(*its) == job);
        if let Some((its, file, left_out)) = self.map {
            let number = before.map.map_or(0, |(_, number)| number) + 1;
            session.put(key, &format!("{MAP}{number}"), &file).await?;
            let (part, left_out) = (format!("{LEFT_OUT}{number}"), dom::file_of(&left_out)?);
            session.put(key, &part, &left_out).await?;
            map = Some((its, number));
        }
        let record = Record {
            lasting,
            map: map.map(|(_, number)| number),
        };
        let text = JSON::stringify(&serde_wasm_bindgen::to_value(&record)?)?;
        let text = dom::file_of(String::from(text).as_bytes())?;
        session.put(key, RECORD, &text).await?;
        if map != before.map {
            dom::or_log(delete_map(before).await);
        }
        Ok(Entry {
            lasting: Some(record.lasting),
            map,
            ..before.clone()
        })
    }
}

async fn delete_map(entry: &Entry<Session>) -> Result<(), JsValue> {
    if let Some((_, number)) = entry.map {
        for part in [MAP, LEFT_OUT] {
            let part = format!("{part}{number}");
            entry.session.delete(entry.key, &part).await?;
        }
    }
    Ok(())
}

/// Deletes all of a photo.
pub(super) async fn forget(entry: &Entry<Session>) -> Result<(), JsValue> {
    entry.session.forget(entry.key, RECORD).await
}

/// The photos of a session, which is this page's from now on; none where another page has it.
pub(super) async fn read_all(
    left: &LeftOver,
) -> Result<Option<Vec<Result<KeptPhoto, JsValue>>>, JsValue> {
    let Some(session) = Session::take_over(left).await? else {
        return Ok(None);
    };
    let mut photos = Vec::new();
    for key in session.photos_with(RECORD).await? {
        photos.push(read(&session, key).await);
    }
    Ok(Some(photos))
}

/// Where only its file can be read, the photo is as new.
async fn read(session: &Session, key: u32) -> Result<KeptPhoto, JsValue> {
    let file = session
        .get(key, FILE)
        .await?
        .ok_or("a photo without its file")?;
    let record = dom::or_log(read_record(session, key).await);
    let map = match record.as_ref().and_then(|record| record.map) {
        Some(number) => dom::or_log(read_map(session, key, number).await).flatten(),
        None => None,
    };
    let has_result = |record: &Record| record.lasting.photo.outcome.is_some();
    let is_whole = record.is_some() && record.as_ref().is_some_and(has_result) == map.is_some();
    let nameless = || Lasting::of(&Photo::new(0, key.to_string()), None);
    let mut lasting = record.map_or_else(nameless, |record| record.lasting);
    if map.is_none() {
        lasting.photo.outcome = None;
    }
    Ok(KeptPhoto {
        session: session.clone(),
        key,
        file: dom::named(&file, &lasting.photo.name)?,
        lasting,
        preview: dom::or_log(session.get(key, PREVIEW).await).flatten(),
        map,
        is_whole,
    })
}

async fn read_record(session: &Session, key: u32) -> Result<Record, JsValue> {
    let text = session
        .get(key, RECORD)
        .await?
        .ok_or("a photo without its record")?;
    let text = bytes(&text).await?;
    let value = JSON::parse(&String::from_utf8_lossy(&text))?;
    Ok(serde_wasm_bindgen::from_value(value)?)
}

async fn read_map(
    session: &Session,
    key: u32,
    number: u32,
) -> Result<Option<(u32, Blob, Vec<Removed>)>, JsValue> {
    let map = session.get(key, &format!("{MAP}{number}")).await?;
    let left_out = session.get(key, &format!("{LEFT_OUT}{number}")).await?;
    let (Some(map), Some(left_out)) = (map, left_out) else {
        return Ok(None);
    };
    let left_out = Removed::read_all(&bytes(&left_out).await?);
    Ok(left_out.map(|left_out| (number, map, left_out)))
}

async fn bytes(file: &Blob) -> Result<Vec<u8>, JsValue> {
    let read = blob::read(file).await;
    read.map_err(|error| error.to_string().into())
}
