//! Streams under a paused clock: heartbeats, and the checks of rights that they bring.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use sprag_web::{Policy, Published, Stores, store};
use test_support::within_async;
use tower::ServiceExt;

use crate::support::{SOON, Tv};

const BEAT: Duration = Duration::from_secs(15);

/// A stream without a socket, so that only the test moves the clock.
struct Stream(Body);

impl Stream {
    async fn open(app: &Router) -> Self {
        let request = Request::get("/sprag/live?s=tv").header("host", "localhost");
        let request = request.body(Body::empty()).unwrap();
        let mut stream = Self(app.clone().oneshot(request).await.unwrap().into_body());
        while !stream.next().await.is_some_and(|chunk| chunk.contains("event: snap")) {}
        stream
    }

    /// The next chunk; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        let frame = within_async(SOON, self.0.frame()).await?.expect("the stream goes on");
        let bytes = frame.into_data().expect("a stream has no trailers");
        Some(String::from_utf8(bytes.to_vec()).expect("frames are text"))
    }

    /// Reads up to the commit that sets the volume to `volume`.
    async fn reach(&mut self, volume: u8) {
        let op = format!(r#"["=",["volume"],{volume}]"#);
        while !self.next().await.expect("the stream goes on").contains(&op) {}
    }
}

/// An app whose users may read while `rights` are set.
fn app(rights: &Arc<AtomicBool>) -> (Published<Tv>, Router) {
    let tv = store("tv", Tv::default());
    let rights = Arc::clone(rights);
    let policy = Policy::new().visible(move |(): &()| rights.load(Relaxed));
    let router = Stores::new().add_with(&tv, policy).router();
    (tv, Router::new().nest("/sprag", router))
}

#[tokio::test(start_paused = true)]
async fn w6_w8_a_stream_that_always_has_a_commit_to_send_beats_and_loses_its_rights() {
    let rights = Arc::new(AtomicBool::new(true));
    let (tv, app) = app(&rights);
    let (mut busy, mut witness) = (Stream::open(&app).await, Stream::open(&app).await);
    for volume in 1..=4 {
        rights.store(volume < 4, Relaxed);
        tv.set(Tv::PATHS.volume, volume);
        // The commit is there for `busy` as well, before the time of the heartbeat.
        witness.reach(volume).await;
        tokio::time::advance(BEAT).await;
        let beat = busy.next().await.expect("the stream goes on");
        assert!(beat.starts_with(":\n\n"), "the commit came before the heartbeat: {beat}");
        if volume < 4 {
            busy.reach(volume).await;
        } else {
            assert!(beat.contains("you may not read the store any more"), "{beat}");
        }
    }
    assert_eq!(busy.next().await, None);
}
