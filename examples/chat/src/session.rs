//! [`Sessions`]: the users who have entered, by the token in a cookie. A real application
//! has its own sessions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{FromRequestParts, Request};
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, StatusCode, request::Parts};
use axum::middleware::Next;
use axum::response::Response;

/// A user who has entered, identified by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct User(pub Arc<str>);

/// The users by their tokens.
#[derive(Clone, Debug, Default)]
pub struct Sessions(Arc<Mutex<HashMap<String, User>>>);

impl Sessions {
    /// Adds a user under a name; returns the user and the cookie.
    ///
    /// # Errors
    ///
    /// A sentence, if the name is taken or invalid.
    pub fn enter(&self, name: &str) -> Result<(User, String), &'static str> {
        let name = name.trim();
        let is_name = |c: char| c.is_alphanumeric() || " -_'".contains(c);
        if name.is_empty() || name.chars().count() > 24 || !name.chars().all(is_name) {
            return Err("A name has 1 to 24 letters.");
        }
        let random = || getrandom::u64().map_err(|_| "The system has no randomness; try again.");
        let (user, token) = (User(name.into()), format!("{:016x}{:016x}", random()?, random()?));
        let mut users = self.0.lock().unwrap();
        if users.values().any(|known| known.0.eq_ignore_ascii_case(name)) {
            return Err("Somebody of that name is here already.");
        }
        users.insert(token.clone(), user.clone());
        Ok((user, format!("chat={token}; HttpOnly; SameSite=Lax; Path=/; Max-Age=86400")))
    }

    /// Ends the session of a user and frees the name.
    pub fn leave(&self, user: &User) {
        self.0.lock().unwrap().retain(|_, known| known != user);
    }

    fn user(&self, headers: &HeaderMap) -> Option<User> {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
        let mut pairs = cookies.flat_map(|cookie| cookie.split("; "));
        let token = pairs.find_map(|pair| pair.strip_prefix("chat="))?;
        self.0.lock().unwrap().get(token).cloned()
    }
}

/// The session layer: puts the user into the request, for the extractor.
pub(crate) async fn identify(sessions: Sessions, mut request: Request, next: Next) -> Response {
    if let Some(user) = sessions.user(request.headers()) {
        request.extensions_mut().insert(user);
    }
    next.run(request).await
}

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::UNAUTHORIZED)
    }
}
