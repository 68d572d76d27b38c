//! [`Session`]: the cookie that distinguishes the writes of one browser from those of
//! others.

use std::sync::Arc;

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};

use crate::random;

/// The cookie's name.
const NAME: &str = "sprag";
/// The cookie's name if it is sent over https alone.
const SECURE: &str = "__Host-sprag";

/// The transports that the cookie is sent over.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Transport {
    /// Both http and https.
    #[default]
    Any,
    /// Only https.
    Https,
}

/// One browser, as its cookie identifies it.
pub(crate) struct Session {
    /// The request's session; empty if it has none.
    pub(crate) id: Arc<str>,
    /// The cookie to set, if the request has none.
    set: Option<HeaderValue>,
}

impl Session {
    /// The session of a request.
    pub(crate) fn of(headers: &HeaderMap, transport: Transport) -> Self {
        let name = transport.name();
        match cookie(headers, name) {
            Some(id) => Self { id: id.into(), set: None },
            None => Self { id: "".into(), set: Some(transport.cookie()) },
        }
    }

    /// Sets the cookie, if the request had none.
    pub(crate) fn greet(self, headers: &mut HeaderMap) {
        if let Some(cookie) = self.set {
            headers.append(SET_COOKIE, cookie);
        }
    }
}

impl Transport {
    fn name(self) -> &'static str {
        match self {
            Self::Any => NAME,
            Self::Https => SECURE,
        }
    }

    fn cookie(self) -> HeaderValue {
        let secure = if self == Self::Https { "; Secure" } else { "" };
        let (name, id) = (self.name(), random::text());
        let cookie = format!("{name}={id}; Path=/; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(cookie).expect("a name and hexadecimal digits are a header's value")
    }
}

/// The cookie of this name, if this server can have created it.
fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|cookie| cookie.trim().strip_prefix(name)?.strip_prefix('='))
        .find(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w8_a_session_is_known_by_its_cookie_alone() {
        let session = |cookie: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookie.parse().unwrap());
            let session = Session::of(&headers, Transport::Any);
            (session.id.to_string(), session.set.is_some())
        };
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(session(&format!("a=b; sprag={id}")), (id.to_owned(), false));
        for other in ["sprag=", "sprag=short", "xsprag=0123456789abcdef0123456789abcdef", "a=b"] {
            assert_eq!(session(other), (String::new(), true), "{other}");
        }
    }

    #[test]
    fn w8_the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let cookie = Transport::Https.cookie();
        let text = cookie.to_str().unwrap();
        assert!(text.starts_with("__Host-sprag="), "{text}");
        assert!(text.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{text}");
    }
}
