//! The listeners of a scope, and the events that wait for the async ones.

use std::sync::Arc;

use super::Scope;
use crate::bus::Event;
use crate::error::Stopped;
use crate::service::listener_queue::EventQueue;
use crate::service::outcome::Outcome;
use crate::task::TaskName;

impl Scope {
    /// Calls `f` with every `E` on the app's bus, on the emitter's thread, until the
    /// service stops. Errors of `f` are reported through `tracing`.
    ///
    /// # Errors
    ///
    /// [`Stopped`] once the service has begun to stop.
    ///
    /// Like [`Bus::on`](crate::Bus::on), with a subscription that the scope owns.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Event)]
    /// # struct MountChanged { mounts: usize }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// scope.listen(|event: &MountChanged| println!("{} mounts", event.mounts))?;
    /// scope.bus().emit(MountChanged { mounts: 3 }); // prints
    /// # Ok(())
    /// # }
    /// ```
    pub fn listen<E, F, O>(&self, f: F) -> Result<(), Stopped>
    where
        E: Event,
        F: Fn(&E) -> O + Send + Sync + 'static,
        O: Outcome<()>,
    {
        self.listen_named("listen", f)
    }

    pub(crate) fn listen_named<E, F, O>(
        &self,
        name: impl Into<TaskName>,
        f: F,
    ) -> Result<(), Stopped>
    where
        E: Event,
        F: Fn(&E) -> O + Send + Sync + 'static,
        O: Outcome<()>,
    {
        let name = name.into();
        let (site, calls) = (self.site(name.clone()), self.calls(name));
        let call = move |event: &E| {
            site.call(|| calls.count_now(|| f(event).__outcome()));
        };
        self.data.listeners.attach(self.bus(), call).map_err(|_closed| self.stopped())
    }

    /// Runs `deliver`, which passes the events of `queue` to an async listener.
    pub(crate) fn deliver<E: Send + 'static>(
        &self,
        name: &'static str,
        queue: Arc<EventQueue<E>>,
        deliver: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Stopped> {
        self.data.backlogs.lock().push((name.into(), queue));
        let deliver = self.site(name).run(async move {
            deliver.await;
            Ok(())
        });
        let delivered = self.data.deliveries.spawn(name, deliver, |_, _| ());
        delivered.map(drop).map_err(|_closed| self.stopped())
    }

    /// Whether events wait for an async listener, or one is in hand.
    pub(crate) fn has_backlog(&self) -> bool {
        self.data.backlogs.lock().iter().any(|(_, backlog)| backlog.waiting() > 0)
    }

    /// The number of events that each async listener has not handled.
    #[cfg(feature = "metrics")]
    pub(crate) fn backlogs(&self) -> Vec<(TaskName, usize)> {
        let backlogs = self.data.backlogs.lock();
        backlogs.iter().map(|(name, backlog)| (name.clone(), backlog.waiting())).collect()
    }

    /// Delivers nothing more, and returns for each listener how many events were not
    /// delivered. Drops the events, so it must run where users' code may run.
    pub(crate) fn abandon_events(&self) -> Vec<(TaskName, usize)> {
        let backlogs = std::mem::take(&mut *self.data.backlogs.lock());
        let lost = backlogs.into_iter().map(|(name, backlog)| (name, backlog.abandon()));
        lost.filter(|(_, lost)| *lost > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::listener_queue::QueueLimit;

    #[tokio::test]
    async fn s5_only_the_listeners_that_have_lost_events_are_named() {
        let (scope, lost) = (Scope::new("player"), EventQueue::new(QueueLimit::unlimited()));
        let none = EventQueue::<u8>::new(QueueLimit::unlimited());
        assert!(scope.deliver("none", none, std::future::pending()).is_ok());
        assert!(scope.deliver("lost", Arc::clone(&lost), std::future::pending()).is_ok());
        assert!(!scope.has_backlog());
        (0..3).for_each(|n| _ = lost.push(n));
        assert!(scope.has_backlog());
        assert_eq!(scope.abandon_events(), [("lost".into(), 3)]);
    }
}
