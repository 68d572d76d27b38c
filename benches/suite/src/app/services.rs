//! The services: sprag's, written by a macro, and one by hand.

use std::sync::Arc;

use sprag::prelude::*;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Chains of services, each holding the one before, and the app of all of them.
macro_rules! hundred {
    ($([$first:ident $($name:ident)*])*) => {
        $(
            hundred!(@service $first);
            hundred!(@chain $first $($name)*);
        )*
        app! { pub(super) Hundred { $($first, $($name,)*)* } }
    };
    (@chain $last:ident) => {};
    (@chain $before:ident $name:ident $($rest:ident)*) => {
        hundred!(@service $name $before);
        hundred!(@chain $name $($rest)*);
    };
    (@service $name:ident $($before:ident)?) => {
        pub(super) struct $name;

        #[service]
        impl $name {
            fn new($(_before: Handle<$before>)?) -> Self {
                Self
            }

            async fn on_start(&self) {}

            async fn on_stop(&self) {}

            #[task]
            async fn follow(&self, scope: &Scope) {
                scope.cancelled().await;
            }
        }
    };
}

hundred! {
    [A0 A1 A2 A3 A4 A5 A6 A7 A8 A9]
    [B0 B1 B2 B3 B4 B5 B6 B7 B8 B9]
    [C0 C1 C2 C3 C4 C5 C6 C7 C8 C9]
    [D0 D1 D2 D3 D4 D5 D6 D7 D8 D9]
    [E0 E1 E2 E3 E4 E5 E6 E7 E8 E9]
    [F0 F1 F2 F3 F4 F5 F6 F7 F8 F9]
    [G0 G1 G2 G3 G4 G5 G6 G7 G8 G9]
    [H0 H1 H2 H3 H4 H5 H6 H7 H8 H9]
    [I0 I1 I2 I3 I4 I5 I6 I7 I8 I9]
    [J0 J1 J2 J3 J4 J5 J6 J7 J8 J9]
}

/// A service by hand: a task, and the token that cancels the task.
pub(super) struct ByHand {
    stop: Arc<Notify>,
    task: JoinHandle<()>,
}

impl ByHand {
    pub(super) async fn start() -> Self {
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let task = tokio::spawn(async move { stopped.notified().await });
        Self { stop, task }
    }

    pub(super) async fn stop(self) {
        self.stop.notify_one();
        self.task.await.expect("the task does not panic");
    }
}
