//! Decides which requests are served, by the site that the request comes from.
//!
//! A page of another site can make a browser send requests to this server, with the user's
//! cookies. Forms and simple requests of such a page cannot have the type
//! `application/json`; its other requests carry its `Origin`; and if it points a name of
//! its own at this machine (DNS rebinding), that name is in `Host`, or in HTTP/2's
//! `:authority`.

use std::net::IpAddr;

use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};

use crate::http::refusal::RequestRefusal;

/// Suffixes of names that only the local network resolves.
const LOCAL: [&str; 3] = [".local", ".home.arpa", ".internal"];

#[derive(Clone, Debug, Default)]
pub(crate) struct Doors {
    /// Names in `Host` that are accepted besides those of the local network.
    pub(crate) hosts: Vec<String>,
    /// Origins that may write besides this one.
    pub(crate) origins: Vec<String>,
}

impl Doors {
    /// Refuses a request whose `Host` is not a name of this server.
    pub(crate) fn check_host(&self, parts: &Parts) -> Result<(), RequestRefusal> {
        let name = name_of(host(parts));
        if is_local(name) || self.hosts.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Ok(());
        }
        Err(RequestRefusal::new(
            StatusCode::FORBIDDEN,
            "host",
            format!("the host `{}` is not known; add it with `Stores::host`", shortened(name)),
        ))
    }

    /// Refuses a stream that a page of another origin may have opened.
    pub(crate) fn check_read(&self, parts: &Parts) -> Result<(), RequestRefusal> {
        self.check_host(parts)?;
        self.check_origin(parts)
    }

    /// Refuses a write that a page of another origin may have sent.
    pub(crate) fn check_write(&self, parts: &Parts) -> Result<(), RequestRefusal> {
        self.check_host(parts)?;
        let kind = text(&parts.headers, CONTENT_TYPE.as_str()).unwrap_or_default();
        if !kind
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .eq_ignore_ascii_case("application/json")
        {
            let why = "a write is sent as `application/json`".to_owned();
            return Err(RequestRefusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "type", why));
        }
        self.check_origin(parts)
    }

    fn check_origin(&self, parts: &Parts) -> Result<(), RequestRefusal> {
        let site = text(&parts.headers, "sec-fetch-site");
        // A request without an `Origin` does not come from a browser.
        let same = match text(&parts.headers, ORIGIN.as_str()) {
            None => site.is_none_or(|site| matches!(site, "same-origin" | "none")),
            Some(origin) => {
                self.origins.iter().any(|known| known == origin)
                    || is_same_origin(origin, host(parts))
                        && site.is_none_or(|site| site == "same-origin")
            }
        };
        if same {
            return Ok(());
        }
        let why = "the page is of another origin; add it with `Stores::origin`".to_owned();
        Err(RequestRefusal::new(StatusCode::FORBIDDEN, "origin", why))
    }
}

/// The name and port by which the browser knows this server. HTTP/2 has both in the address
/// of the request.
fn host(parts: &Parts) -> &str {
    let authority = || parts.uri.authority().map(|authority| authority.as_str());
    text(&parts.headers, HOST.as_str()).or_else(authority).unwrap_or_default()
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The name in a `Host`, without its port.
fn name_of(host: &str) -> &str {
    let end = match host.rfind(']') {
        Some(bracket) => bracket + 1,
        None => host.find(':').unwrap_or(host.len()),
    };
    host[..end].trim_start_matches('[').trim_end_matches(']')
}

/// Whether only this network can point the name at this machine: an address, a name without
/// a dot, or a name that only the local network resolves.
fn is_local(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !name.is_empty()
        && (name.parse::<IpAddr>().is_ok()
            || !name.contains('.')
            || LOCAL.iter().any(|suffix| name.ends_with(suffix)))
}

/// Whether `origin` is this server, which browsers know as `host`. A missing port is the
/// scheme's default; the scheme itself is unknown behind a proxy.
fn is_same_origin(origin: &str, host: &str) -> bool {
    origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"))
        .is_some_and(|origin| !host.is_empty() && origin.eq_ignore_ascii_case(host))
}

fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn request(pairs: &[(&'static str, &'static str)]) -> Parts {
        addressed("/live", pairs)
    }

    fn addressed(uri: &str, pairs: &[(&'static str, &'static str)]) -> Parts {
        let request = pairs
            .iter()
            .fold(Request::get(uri), |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn w8_hosts_of_the_local_network_come_in_and_others_must_be_listed() {
        let doors = Doors { hosts: vec!["tv.example.org".into()], ..Doors::default() };
        let host = |host| doors.check_host(&request(&[("host", host)])).is_ok();
        for known in [
            "127.0.0.1:80",
            "[::1]:80",
            "[fe80::1]",
            "192.168.1.7",
            "localhost:8080",
            "tv",
            "tv.local:1",
            "hub.home.arpa",
            "A.INTERNAL",
            "tv.example.org:443",
        ] {
            assert!(host(known), "{known}");
        }
        for foreign in [
            "evil.test",
            "evil.test:80",
            "127.0.0.1.evil.test",
            "x.tv.example.org",
            "",
            "local.evil",
        ] {
            assert!(!host(foreign), "{foreign}");
        }
    }

    #[test]
    fn w8_http_2_has_the_host_in_its_authority() {
        let doors = Doors { hosts: vec!["tv.example.org".into()], ..Doors::default() };
        let read = |uri, pairs: &[_]| doors.check_read(&addressed(uri, pairs)).is_ok();
        assert!(read("https://tv.example.org/live", &[]));
        assert!(read("https://tv.local:8080/live", &[("origin", "https://tv.local:8080")]));
        assert!(!read("https://evil.test/live", &[]));
        assert!(!read("https://tv.local/live", &[("host", "evil.test")]));
        assert!(!read("https://tv.local/live", &[("origin", "https://evil.test")]));
    }

    #[test]
    fn w8_only_this_origin_and_those_that_are_listed_write() {
        let doors = Doors { origins: vec!["https://app.example".into()], ..Doors::default() };
        let json = ("content-type", "application/json; charset=utf-8");
        let write = |origin, site: Option<&'static str>| {
            let mut all = vec![json, ("host", "tv.local:8080")];
            all.extend(Option::map(origin, |origin| ("origin", origin)));
            all.extend(site.map(|site| ("sec-fetch-site", site)));
            doors.check_write(&request(&all)).map_err(|refusal| refusal.status)
        };
        assert_eq!(write(None, None), Ok(()));
        assert_eq!(write(Some("http://tv.local:8080"), None), Ok(()));
        assert_eq!(write(Some("http://tv.local:8080"), Some("same-origin")), Ok(()));
        assert_eq!(write(Some("https://app.example"), Some("cross-site")), Ok(()));
        let foreign = Err(StatusCode::FORBIDDEN);
        for origin in ["http://tv.local:8081", "http://evil.test", "null", "", "tv.local:8080"] {
            assert_eq!(write(Some(origin), None), foreign, "{origin}");
        }
        assert_eq!(write(None, Some("cross-site")), foreign);
        assert_eq!(write(None, Some("same-site")), foreign);
        assert_eq!(write(Some("http://tv.local:8080"), Some("same-site")), foreign);
    }

    #[test]
    fn w8_a_form_cannot_write() {
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "application/jsonp",
        ] {
            let refused =
                Doors::default().check_write(&request(&[("host", "tv"), ("content-type", kind)]));
            assert_eq!(
                refused.map_err(|refusal| refusal.status),
                Err(StatusCode::UNSUPPORTED_MEDIA_TYPE),
                "{kind}"
            );
        }
    }
}
