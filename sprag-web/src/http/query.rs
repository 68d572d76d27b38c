//! [`WantedStores`]: a page's request for its stream.

use std::sync::Arc;

use axum::http::HeaderMap;
use sprag_runtime::path::Address;

use crate::http::refusal::RequestRefusal;

/// The maximal number of stores of one stream.
const STORES: usize = 64;
/// The maximal number of pages that one stream introduces.
const PAGES: usize = 256;
/// The maximal length of a name, position or tag.
pub(crate) const LONGEST: usize = 256;
/// The maximal length of a list of places.
pub(crate) const LONGEST_PLACES: usize = 16 * 1024;
/// The maximal number of places of one stream.
pub(crate) const PLACES: usize = 1_000;

/// A page's request for its stream: `s=tv@EPOCH.VERSION&t=TAG@LAST`, or `stores=tv,cart`.
///
/// The pairs after a store belong to that store. `at=` is a place that the page shows, or a
/// JSON array of several; `as=` is the page's name for the store in its frames; `new=` says
/// that the page has no state of these places yet, and numbers the request. `c=` names the
/// stream, so that the page can show other places without opening another.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct WantedStores {
    pub(crate) stores: Vec<WantedStore>,
    /// The pages that write, with the last number that each of them has used.
    pub(crate) pages: Vec<(Arc<str>, u64)>,
    /// The page's name for the stream.
    pub(crate) name: Option<Arc<str>>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct WantedStore {
    pub(crate) name: String,
    pub(crate) position: Option<PagePosition>,
    /// The page's name for the store, if it differs from the store's own.
    pub(crate) label: Option<String>,
    /// The places that the page shows; `None` for the whole state.
    pub(crate) places: Option<Vec<Address>>,
    /// The number of the request for these places, if the page needs their state independent
    /// of its position.
    pub(crate) new: Option<u64>,
}

/// The state of a store that a page has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PagePosition {
    pub(crate) epoch: String,
    pub(crate) version: u64,
}

impl WantedStores {
    /// Reads the pairs of a query, and the header of a reconnecting `EventSource`.
    pub(crate) fn read(
        pairs: &[(String, String)],
        headers: &HeaderMap,
    ) -> Result<Self, RequestRefusal> {
        let mut wanted = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "s" => wanted.stores.push(WantedStore::read(value)),
                "stores" => wanted.stores.extend(value.split(',').map(WantedStore::read)),
                "t" => wanted.pages.push(page(value)),
                "c" => wanted.name = Some(value.as_str().into()),
                _ => wanted.add(name, value)?,
            }
        }
        let bound = |name: &str| if name == "at" { LONGEST_PLACES } else { LONGEST * 4 };
        let long = pairs.iter().any(|(name, value)| value.len() > bound(name));
        let places = wanted.stores.iter().flat_map(|store| &store.places).map(Vec::len);
        if long
            || places.sum::<usize>() > PLACES
            || wanted.stores.len() > STORES
            || wanted.pages.len() > PAGES
        {
            return Err(RequestRefusal::malformed("the stream asks for too much"));
        }
        if wanted.stores.is_empty() {
            return Err(RequestRefusal::malformed("name a store: `?s=NAME`"));
        }
        wanted.go_on(headers);
        Ok(wanted)
    }

    /// Adds a pair that belongs to the preceding store.
    fn add(&mut self, name: &str, value: &str) -> Result<(), RequestRefusal> {
        let Some(store) = self.stores.last_mut() else { return Ok(()) };
        match name {
            "as" => store.label = Some(value.to_owned()),
            "at" => store.places.get_or_insert_default().extend(places(value)?),
            "new" => store.new = Some(value.parse().unwrap_or_default()),
            _ => {}
        }
        Ok(())
    }

    fn go_on(&mut self, headers: &HeaderMap) {
        let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
        let Some(last) = last.map(WantedStore::read) else { return };
        if let Some(store) = self.stores.iter_mut().find(|store| store.label() == last.name) {
            store.position = last.position.or(store.position.take());
        }
    }
}

impl WantedStore {
    /// The page's name for the store in its frames.
    pub(crate) fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }

    fn at(name: &str, position: Option<PagePosition>) -> Self {
        Self { name: name.to_owned(), position, label: None, places: None, new: None }
    }

    fn read(text: &str) -> Self {
        let read = || {
            let (name, position) = text.rsplit_once('@')?;
            let (epoch, version) = position.rsplit_once('.')?;
            let position = PagePosition { epoch: epoch.to_owned(), version: version.parse().ok()? };
            Some(Self::at(name, Some(position)))
        };
        read().unwrap_or_else(|| Self::at(text, None))
    }
}

/// A place as text, or several as JSON.
pub(crate) fn places(text: &str) -> Result<Vec<Address>, RequestRefusal> {
    let read = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|error| error.to_string())
    } else {
        Address::parse(text).map(|place| vec![place]).map_err(|error| error.to_string())
    };
    read.map_err(|error| RequestRefusal::malformed(format!("`at` is not a place: {error}")))
}

/// Reads `TAG@LAST`; a tag alone has used no number.
fn page(text: &str) -> (Arc<str>, u64) {
    let read = || {
        let (tag, last) = text.rsplit_once('@')?;
        Some((tag.into(), last.parse().ok()?))
    };
    read().unwrap_or_else(|| (text.into(), 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w7_a_page_says_where_it_is() {
        let pairs = [("s", "tv@ab.7"), ("s", "a@b@c.d"), ("stores", "x,y"), ("t", "tag~@3")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut headers = HeaderMap::new();
        headers.insert("last-event-id", "tv@ab.9".parse().unwrap());
        let wanted = WantedStores::read(&pairs, &headers).unwrap();
        let names: Vec<_> = wanted.stores.iter().map(|store| store.name.as_str()).collect();
        assert_eq!(names, ["tv", "a@b@c.d", "x", "y"]);
        let position = PagePosition { epoch: "ab".into(), version: 9 };
        assert_eq!(wanted.stores[0].position, Some(position));
        assert_eq!(wanted.stores[1].position, None);
        assert_eq!(wanted.pages, [("tag~".into(), 3)]);
    }

    #[test]
    fn w8_a_stream_that_asks_for_too_much_is_refused() {
        let refused = |pairs: Vec<(String, String)>| {
            WantedStores::read(&pairs, &HeaderMap::new()).unwrap_err().status
        };
        assert_eq!(refused(vec![]), 400);
        assert_eq!(refused(vec![("s".into(), "x".repeat(5_000))]), 400);
        assert_eq!(refused(vec![("s".into(), "x".into()); STORES + 1]), 400);
        let one = || ("s".to_owned(), "x".to_owned());
        let pages = |count| [vec![one()], vec![("t".into(), "x@1".into()); count]].concat();
        assert_eq!(refused(pages(PAGES + 1)), 400);
        let long = |length| vec![("s".to_owned(), "x".repeat(length))];
        assert_eq!(refused(long(LONGEST * 4 + 1)), 400);
        let at = |count| format!("[{}]", vec!["[\"a\"]"; count].join(","));
        let places = |count| vec![one(), ("at".to_owned(), at(count))];
        assert_eq!(refused(places(PLACES + 1)), 400);
        assert_eq!(refused([places(PLACES), places(1)].concat()), 400, "all stores together");
        let most = [vec![one(); STORES], pages(PAGES), long(LONGEST * 4), places(PLACES)];
        for most in most {
            WantedStores::read(&most, &HeaderMap::new()).unwrap();
        }
    }
}
