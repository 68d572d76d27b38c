//! `POST /live`: a page shows other places on the stream that it has.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::http::query::{LONGEST, LONGEST_PLACES, PLACES, places};
use crate::http::refusal::RequestRefusal;
use crate::http::serve::arrived;
use crate::http::session::Session;
use crate::live::open_streams::StreamName;
use crate::live::show_requests::ShowRequest;
use crate::stores::Stores;

/// The stream, by the name that its page gave it, and the places to show.
#[derive(Deserialize)]
struct ShowBody {
    c: Arc<str>,
    m: Vec<StoreToShow>,
}

/// A store of the stream, by the page's name for it.
#[derive(Deserialize)]
struct StoreToShow {
    s: String,
    /// The places, as in a stream's query.
    at: String,
    /// The page's number of this request.
    k: u64,
}

/// Shows other places on an open stream. The rights are those of the stream, whose store stays.
///
/// The status 404 says that there is no such stream here: the page opens another one.
pub(crate) async fn show(State(stores): State<Arc<Stores>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let response = match shown(&stores, &parts, body).await {
        Ok(status) => status.into_response(),
        Err(refused) => refused.into_response(),
    };
    stores.refused.note(&response);
    response
}

async fn shown(stores: &Stores, parts: &Parts, body: Body) -> Result<StatusCode, RequestRefusal> {
    stores.doors.check_write(parts)?;
    let bytes = arrived(body).await?;
    let ShowBody { c: name, m } = serde_json::from_slice(&bytes).map_err(|error| {
        RequestRefusal::malformed(format!("the body does not say what to show: {error}"))
    })?;
    let session = Session::of(&parts.headers, stores.transport).id;
    let user = if session.is_empty() { &name } else { &session };
    if !stores.throttle.admits(user, m.len(), stores.rate, Instant::now()) {
        return Err(RequestRefusal::too_many("too many requests in a short time"));
    }
    let Some(requests) = stores.streams.requests(StreamName { session, name }) else {
        return Ok(StatusCode::NOT_FOUND);
    };
    for (label, request) in read(m)? {
        if !requests.push(label, request) {
            return Err(RequestRefusal::malformed("the stream has fewer stores"));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

fn read(stores: Vec<StoreToShow>) -> Result<Vec<(String, ShowRequest)>, RequestRefusal> {
    if stores.iter().any(|store| store.s.len() > LONGEST || store.at.len() > LONGEST_PLACES) {
        return Err(RequestRefusal::malformed("the stream asks for too much"));
    }
    let read = |StoreToShow { s, at, k }| Ok((s, ShowRequest { places: places(&at)?, number: k }));
    let read: Vec<_> = stores.into_iter().map(read).collect::<Result<_, _>>()?;
    if read.iter().map(|(_, request)| request.places.len()).sum::<usize>() > PLACES {
        return Err(RequestRefusal::malformed("the stream asks for too much"));
    }
    Ok(read)
}
