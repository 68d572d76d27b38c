//! The handlers of requests: streams and writes.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::http::query::{WantedStore, WantedStores};
use crate::http::refusal::RequestRefusal;
use crate::http::session::Session;
use crate::live::feed::Feed;
use crate::live::followed::{FollowStart, Followed};
use crate::live::hub::Hub;
use crate::live::shown_places::ShownPlaces;
use crate::policy::AnyUser;
use crate::published::StoreInstance;
use crate::source::FoundInstance;
use crate::stores::Stores;
use crate::writes::answer::Answer;
use crate::writes::page_writes::{PageWrites, Sent};
use crate::writes::repeated_writes::WriterId;
use crate::writes::request::{Unmade, Writes};

/// The maximal size of a `POST`, in bytes.
const BODY: usize = 1024 * 1024;
/// How long a `POST` may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(30);
/// The maximal number of writes in one `POST`; the client sends 32.
const BATCH: usize = 64;
/// The maximal length of a page's tag. The client's tags have 18 characters, and one more
/// for each time that the server forgot the page.
const TAG: usize = 128;

/// `GET /live`: the stream of server-sent events.
pub(crate) async fn live(
    State(stores): State<Arc<Stores>>,
    Query(pairs): Query<Vec<(String, String)>>,
    request: Request,
) -> Response {
    let (mut parts, _) = request.into_parts();
    let response = opened(&stores, &pairs, &mut parts).await.unwrap_or_else(|refused| refused);
    stores.refused.note(&response);
    response
}

async fn opened(
    stores: &Stores,
    pairs: &[(String, String)],
    parts: &mut Parts,
) -> Result<Response, Response> {
    stores.doors.check_read(parts).map_err(IntoResponse::into_response)?;
    let wanted = WantedStores::read(pairs, &parts.headers).map_err(IntoResponse::into_response)?;
    let session = Session::of(&parts.headers, stores.transport);
    // The stream keeps both lists.
    let count = wanted.stores.len();
    let (mut followed, mut users) = (Vec::with_capacity(count), Vec::with_capacity(count));
    let mut denied = Vec::new();
    // Extractors may keep values in the request, and a later check must not find them there.
    let request = parts.clone();
    for store in &wanted.stores {
        match admitted(stores, store, parts).await? {
            Ok((store, of)) => {
                followed.push(store);
                users.extend(of);
            }
            Err(why) => denied.push((store.label().to_owned(), why)),
        }
    }
    if followed.is_empty() {
        return Err(RequestRefusal::denied(denied.swap_remove(0).1).into_response());
    }
    let place = stores.streams.admit(session.id.clone(), wanted.name, users, stores.bounds);
    let place = place.map_err(IntoResponse::into_response)?;
    let id = |tag| WriterId { session: session.id.clone(), tag };
    let pages = wanted.pages.into_iter().map(|(tag, used)| (id(tag), used)).collect();
    let is_looked_at = followed.iter().any(Followed::looks_at_requests);
    let request = is_looked_at.then(|| Box::new(request));
    let mut feed = Feed::new(followed, pages, place, request);
    feed.greet(&denied).await;
    let mut response = (event_stream(), Body::from_stream(feed.chunks())).into_response();
    session.greet(response.headers_mut());
    Ok(response)
}

/// The store with its user and its key, or the reason why the user does not see it. An
/// extractor that fails on the server's side ends the request.
async fn admitted(
    stores: &Stores,
    wanted: &WantedStore,
    parts: &mut Parts,
) -> Result<Result<(Followed, Vec<AnyUser>), String>, Response> {
    let Some(source) = stores.sources.get(wanted.name.as_str()) else {
        return Ok(Err("there is no such store".to_owned()));
    };
    let FoundInstance { instance, key } = match Arc::clone(source).instance(parts).await {
        Ok(found) => found,
        Err(response) if response.status().is_server_error() => return Err(response),
        Err(response) => return Ok(Err(response.status().to_string())),
    };
    let user = match instance.visible(parts).await {
        Ok(Some(user)) => user,
        Ok(None) => return Ok(Err("you may not read the store".to_owned())),
        Err(response) if response.status().is_server_error() => return Err(response),
        Err(response) => return Ok(Err(response.status().to_string())),
    };
    let hub = Arc::clone(instance.hub());
    let places = wanted.places.as_ref().map(|places| ShownPlaces::of(hub.schema(), places));
    let places = match places.transpose() {
        Ok(places) => places,
        Err(unshown) => return Ok(Err(unshown.why().to_owned())),
    };
    let places = places.map(|places| (places, wanted.new));
    let start = start_of(wanted, &hub, instance.version());
    let mut followed = Followed::new(instance, wanted.label().into(), places, start);
    if key.is_some() {
        followed.check_key(Arc::clone(source));
    }
    Ok(Ok((followed, key.into_iter().chain([user]).collect())))
}

/// Where a page is in the history of the store, whose state has the version `version`.
fn start_of(wanted: &WantedStore, hub: &Hub, version: u64) -> FollowStart {
    let Some(position) = &wanted.position else { return FollowStart::Anew(0) };
    let is_own = position.epoch == hub.epoch();
    let is_shared = hub.has_history_of(&position.epoch);
    match () {
        // A version ahead of a state of this process alone belongs to another state.
        () if is_own && !hub.is_shared() && position.version > version => FollowStart::Anew(0),
        () if !is_own && !is_shared => FollowStart::Anew(0),
        () if wanted.new.is_some() => FollowStart::Anew(position.version),
        () if is_own => FollowStart::At(position.version),
        // A page may be ahead of this server: it has seen more of the log.
        () => FollowStart::From(position.version),
    }
}

fn event_stream() -> [(HeaderName, HeaderValue); 4] {
    [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ]
}

/// `POST /store/NAME`: a page's writes.
pub(crate) async fn write(
    State(stores): State<Arc<Stores>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let session = Session::of(&parts.headers, stores.transport);
    let answered = written(&stores, &name, &session, &mut parts, body).await;
    let mut response = answered.unwrap_or_else(|refused| refused);
    stores.refused.note(&response);
    session.greet(response.headers_mut());
    response
}

async fn written(
    stores: &Arc<Stores>,
    name: &str,
    session: &Session,
    parts: &mut Parts,
    body: Body,
) -> Result<Response, Response> {
    let batch = received(stores, parts, body).await.map_err(IntoResponse::into_response)?;
    let user = if session.id.is_empty() { &batch.t } else { &session.id };
    if !stores.throttle.admits(user, batch.m.len(), stores.rate, Instant::now()) {
        return Err(RequestRefusal::too_many("too many writes in a short time").into_response());
    }
    let instance = visible(stores, name, parts).await?;
    let hub = Arc::clone(instance.hub());
    if batch.e != hub.epoch() {
        return Err((StatusCode::CONFLICT, Json(json!({ "e": hub.epoch() }))).into_response());
    }
    let writes = instance.writes(parts).await?;
    let id = WriterId { session: session.id.clone(), tag: Arc::clone(&batch.t) };
    let (stores, epoch) = (Arc::clone(stores), hub.epoch().to_owned());
    // If the request is dropped during a write, the write must still end and use its
    // number.
    let made = tokio::spawn(made(stores, hub, writes, id, batch.m)).await;
    match made {
        Ok(Ok(answers)) => Ok(Json(json!({ "e": epoch, "r": answers })).into_response()),
        Ok(Err(Unmade)) => {
            Err(RequestRefusal::busy("the write could not be made now").into_response())
        }
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(RequestRefusal::busy("the server is stopping").into_response()),
        },
    }
}

/// Makes the writes of one page in order, and returns the replies.
async fn made(
    stores: Arc<Stores>,
    hub: Arc<Hub>,
    writes: Box<dyn Writes>,
    id: WriterId,
    sent: Vec<Sent>,
) -> Result<Vec<Answer>, Unmade> {
    let mut answers = Vec::with_capacity(sent.len());
    for sent in sent {
        let number = (sent.n, sent.again);
        let write = writes.write(sent, &id.tag);
        let answer = hub.writers.once(&id, number, Instant::now(), write).await?;
        answer.err.into_iter().for_each(|kind| stores.refused.count(kind));
        answers.push(answer);
    }
    Ok(answers)
}

/// The batch, if the request is accepted and contains one. No number is used before.
async fn received(
    stores: &Stores,
    parts: &Parts,
    body: Body,
) -> Result<PageWrites, RequestRefusal> {
    stores.doors.check_write(parts)?;
    if stores.streams.is_stopped() {
        return Err(RequestRefusal::busy("the server is stopping"));
    }
    let bytes = arrived(body).await?;
    let batch: PageWrites = serde_json::from_slice(&bytes).map_err(|error| {
        RequestRefusal::malformed(format!("the body is not a batch of writes: {error}"))
    })?;
    if batch.m.len() > BATCH || batch.t.is_empty() || batch.t.len() > TAG {
        return Err(RequestRefusal::malformed(
            "the batch has too many writes, or a tag of a wrong length",
        ));
    }
    Ok(batch)
}

/// The whole body.
pub(crate) async fn arrived(body: Body) -> Result<Bytes, RequestRefusal> {
    match tokio::time::timeout(ARRIVAL, to_bytes(body, BODY)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(RequestRefusal::too_large()),
        Err(_) => Err(RequestRefusal::late()),
    }
}

/// The store, if the request's user sees it.
async fn visible(
    stores: &Stores,
    name: &str,
    parts: &mut Parts,
) -> Result<Arc<dyn StoreInstance>, Response> {
    let unknown = || RequestRefusal::denied("there is no such store").into_response();
    let source = stores.sources.get(name).ok_or_else(unknown)?;
    let FoundInstance { instance, .. } = Arc::clone(source).instance(parts).await?;
    match instance.visible(parts).await? {
        Some(_) => Ok(instance),
        None => Err(RequestRefusal::denied("you may not read the store").into_response()),
    }
}
