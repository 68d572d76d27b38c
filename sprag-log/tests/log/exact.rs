//! L2: a value that the log would read back as another one is an error of its own write and
//! of no other write.

use std::sync::Arc;

use futures_util::future::join;
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_log::{WriteError, open};

use crate::simulated::{Faults, World};

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Gauge {
    value: f64,
    all: Vec<Option<f64>>,
    big: u128,
    #[serde(skip)]
    seen: u64,
}

#[tokio::test(start_paused = true)]
async fn l2_a_value_that_json_cannot_carry_is_refused_with_its_place_and_the_log_stays_whole() {
    let world = World::new(7, Faults::default());
    let opening = || open(Arc::new(world.client()), "gauge", Gauge::default());
    let gauge = opening().await.unwrap();
    let refused = |outcome: Result<(), WriteError>, place: &str| {
        let error = outcome.unwrap_err();
        assert!(matches!(&error, WriteError::Unwritable { .. }), "{error}");
        assert!(error.to_string().contains(place), "{error}");
    };
    let (nan, fine) =
        join(gauge.set(Gauge::PATHS.value, f64::NAN), gauge.push(Gauge::PATHS.all, Some(1.5)))
            .await;
    refused(nan.map(drop), "`value`");
    fine.unwrap();
    refused(gauge.push(Gauge::PATHS.all, Some(f64::INFINITY)).await, "`all");
    refused(gauge.set(Gauge::PATHS.big, u128::MAX).await.map(drop), "`big`");
    refused(gauge.replace(Gauge { value: f64::NAN, ..Gauge::default() }).await, "`value`");
    assert_eq!(gauge.set(Gauge::PATHS.big, 7).await.unwrap(), 0);
    let updated = gauge.update(|gauge| (gauge.seen, gauge.value) = (9, 2.5));
    updated.await.unwrap();

    let again = opening().await.unwrap();
    let expected = Gauge { value: 2.5, all: vec![Some(1.5)], big: 7, seen: 0 };
    assert_eq!(*again.snapshot(), expected);
    assert!(gauge.is_current());
}

/// The initial state as well.
#[tokio::test(start_paused = true)]
async fn l7_an_initial_state_that_is_not_read_back_is_an_error_and_nothing_is_logged() {
    let world = World::new(7, Faults::default());
    let initial = Gauge { value: f64::NAN, ..Gauge::default() };
    let error = open(Arc::new(world.client()), "gauge", initial).await.unwrap_err();
    assert!(matches!(&error, sprag_log::OpenError::Initial { .. }), "{error}");
    assert_eq!(world.len(), 0);
    open(Arc::new(world.client()), "gauge", Gauge::default()).await.unwrap();
}
