//! What a page has in hand, in the browser's keeping.
//!
//! Each page that keeps something has a session: one of the browser's caches, and a lock for as long as the page lives, by which
//! others know that it does. What nobody has a lock of was left over by a page that ended.

use js_sys::{Array, Date, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Cache, Response, Url};

use super::dom;
use crate::web::caches::urls;

/// How long a session that was left over stays after it was last written to, in milliseconds.
const A_WEEK: f64 = 7.0 * 24.0 * 3_600_000.0;

/// When a file was written, as a date's number.
const WRITTEN: &str = "X-Written";

/// A session that this page has.
#[derive(Clone)]
pub(super) struct Session(Cache);

/// A session that no page has.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LeftOver {
    name: String,
    /// When it was last written to, as a date's number.
    pub(super) written: f64,
    /// How many photos it has.
    pub(super) photos: usize,
}

impl Session {
    /// A new one, of the app in this folder.
    pub(super) async fn begin(app_url: &str) -> Result<Self, JsValue> {
        let unique = js_sys::Math::random().to_bits();
        let name = format!("{}{unique:x}", prefix(app_url)?);
        let session = Self::take(&name).await?;
        session.ok_or_else(|| "another page has this session".into())
    }

    /// One that was left over; none where another page has it by now.
    pub(super) async fn take_over(left: &LeftOver) -> Result<Option<Self>, JsValue> {
        Self::take(&left.name).await
    }

    async fn take(name: &str) -> Result<Option<Self>, JsValue> {
        Ok(match hold(name).await? {
            true => Some(Self::open(name).await?),
            false => None,
        })
    }

    async fn open(name: &str) -> Result<Self, JsValue> {
        let cache = JsFuture::from(dom::caches()?.open(name)).await?;
        cache.dyn_into().map(Self)
    }

    /// Keeps a file of a photo, in place of what was there.
    pub(super) async fn put(&self, key: u32, part: &str, file: &Blob) -> Result<(), JsValue> {
        let response = Response::new_with_opt_blob(Some(file))?;
        let now = Date::now() as u64;
        response.headers().set(WRITTEN, &now.to_string())?;
        let put = self.0.put_with_str(&address(key, part), &response);
        JsFuture::from(put).await.map(drop)
    }

    /// A file of a photo; none where there is none.
    pub(super) async fn get(&self, key: u32, part: &str) -> Result<Option<Blob>, JsValue> {
        let found = JsFuture::from(self.0.match_with_str(&address(key, part))).await?;
        let Some(response) = found.dyn_ref::<Response>() else {
            return Ok(None);
        };
        JsFuture::from(response.blob()?).await?.dyn_into().map(Some)
    }

    /// Deletes a file of a photo.
    pub(super) async fn delete(&self, key: u32, part: &str) -> Result<(), JsValue> {
        let deleted = self.0.delete_with_str(&address(key, part));
        JsFuture::from(deleted).await.map(drop)
    }

    /// Deletes all files of a photo, one of them first, without which it is not there.
    pub(super) async fn forget(&self, key: u32, first: &str) -> Result<(), JsValue> {
        self.delete(key, first).await?;
        let own = address(key, "");
        for url in urls(&self.0).await? {
            if url.contains(&own) {
                JsFuture::from(self.0.delete_with_str(&url)).await?;
            }
        }
        Ok(())
    }

    /// The keys of photos of which there is a part of this name, in order.
    pub(super) async fn photos_with(&self, part: &str) -> Result<Vec<u32>, JsValue> {
        let key_of = |url: &String| {
            let (_, kept) = url.rsplit_once("?kept=")?;
            let key = kept.strip_suffix(part)?.strip_suffix('/')?;
            key.parse::<u32>().ok()
        };
        let mut keys: Vec<_> = urls(&self.0).await?.iter().filter_map(key_of).collect();
        keys.sort_unstable();
        Ok(keys)
    }

    /// When it was last written to, as a date's number.
    async fn written(&self) -> Result<f64, JsValue> {
        let Some(last) = urls(&self.0).await?.pop() else {
            return Ok(0.0);
        };
        let found = JsFuture::from(self.0.match_with_str(&last)).await?;
        let written = match found.dyn_ref::<Response>() {
            Some(response) => response.headers().get(WRITTEN)?,
            None => None,
        };
        let written = written.and_then(|written| written.parse::<u64>().ok());
        Ok(written.unwrap_or_default() as f64)
    }

    /// Deletes its files one by one: those of a cache that is deleted as a whole stay on the disk for a while.
    async fn clear(&self) -> Result<(), JsValue> {
        // What was written last first: without its record a photo is not there.
        for url in urls(&self.0).await?.iter().rev() {
            JsFuture::from(self.0.delete_with_str(url)).await?;
        }
        Ok(())
    }
}

impl LeftOver {
    /// Those of the app in this folder, in the order in which they began. Photos are what has a part of this name.
    pub(super) async fn all(app_url: &str, part: &str) -> Result<Vec<Self>, JsValue> {
        let prefix = prefix(app_url)?;
        let names: Array = JsFuture::from(dom::caches()?.keys()).await?.dyn_into()?;
        // After their names: a page has the lock before the cache.
        let held = held().await?;
        let mut all = Vec::new();
        for name in names.iter().filter_map(|name| name.as_string()) {
            if !name.starts_with(&prefix) || held.contains(&name) {
                continue;
            }
            match Self::examine(name, part).await {
                Ok(left) => all.push(left),
                // It is in the way of no other.
                Err(error) => dom::log(&error),
            }
        }
        Ok(all)
    }

    async fn examine(name: String, part: &str) -> Result<Self, JsValue> {
        let session = Session::open(&name).await?;
        Ok(Self {
            written: session.written().await?,
            photos: session.photos_with(part).await?.len(),
            name,
        })
    }

    /// Whether it may still be wanted: it has photos, and is not old.
    pub(super) fn is_of_use(&self) -> bool {
        self.photos != 0 && Date::now() - self.written <= A_WEEK
    }

    /// Deletes it. Gives back whether it did: not where another page has it by now.
    pub(super) async fn delete(&self) -> Result<bool, JsValue> {
        let Some(session) = Session::take_over(self).await? else {
            return Ok(false);
        };
        session.clear().await?;
        JsFuture::from(dom::caches()?.delete(&self.name)).await?;
        Ok(true)
    }
}

/// One origin may hold several apps, and all share its caches and locks.
fn prefix(app_url: &str) -> Result<String, JsValue> {
    let path = Url::new(app_url)?.pathname();
    Ok(format!("crack-segmenter-session {path} "))
}

fn address(key: u32, part: &str) -> String {
    format!("?kept={key}/{part}")
}

/// Takes a lock for as long as this page lives. Gives back whether no other page has it.
async fn hold(name: &str) -> Result<bool, JsValue> {
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &true.into())?;
    let (locks, request) = locks("request")?;
    let mut requested = Err(JsValue::UNDEFINED);
    let taken = Promise::new(&mut |resolve, _| {
        let on_answer = Closure::once_into_js(move |lock: JsValue| {
            if lock.is_null() {
                return JsValue::UNDEFINED;
            }
            // A promise's own functions do not throw.
            let _ = resolve.call1(&JsValue::UNDEFINED, &true.into());
            // Held until this settles, which it does not.
            Promise::new(&mut |_, _| {}).into()
        });
        requested = request.call3(&locks, &name.into(), &options, &on_answer);
    });
    // The request itself settles where it is refused, or the lock is another's.
    let first = Promise::race(&Array::of2(&taken, &requested?));
    Ok(JsFuture::from(first).await?.is_truthy())
}

/// The names of all locks that any page has.
async fn held() -> Result<Vec<String>, JsValue> {
    let (locks, query) = locks("query")?;
    let answer: Promise = query.call0(&locks)?.dyn_into()?;
    let answer = JsFuture::from(answer).await?;
    let held: Array = Reflect::get(&answer, &"held".into())?.dyn_into()?;
    let name = |lock: JsValue| Ok(Reflect::get(&lock, &"name".into())?.as_string());
    let names: Result<Vec<_>, JsValue> = held.iter().map(name).collect();
    Ok(names?.into_iter().flatten().collect())
}

/// The browser's locks, and what they do by this name.
fn locks(method: &str) -> Result<(JsValue, Function), JsValue> {
    let locks = Reflect::get(&window().navigator(), &"locks".into())?;
    let method = Reflect::get(&locks, &method.into())?.dyn_into()?;
    Ok((locks, method))
}
