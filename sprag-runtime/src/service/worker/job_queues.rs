//! [`JobQueues`]: the queues of one service, by the type of their jobs.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Arc;

use super::channel::{AnyJobChannel, JobChannel, Leftover, QueueDepth};
use crate::sync::Mutex;

/// The queues of one service, across its restarts.
#[derive(Default)]
pub(crate) struct JobQueues {
    /// No user code runs under this lock.
    channels: Mutex<HashMap<TypeId, Arc<dyn AnyJobChannel>>>,
}

impl JobQueues {
    /// The queue for the jobs `J`, if the service has a worker for them.
    pub(crate) fn get<J: Send + 'static, R: Send + 'static>(
        &self,
    ) -> Option<Arc<JobChannel<J, R>>> {
        let channel = Arc::clone(self.channels.lock().get(&TypeId::of::<J>())?);
        channel.as_any().downcast().ok()
    }

    /// The queue for the jobs `J`: the one of the service's earlier life, or a new one.
    pub(crate) fn get_or_insert<J: Send + 'static, R: Send + 'static>(
        &self,
        make: impl FnOnce() -> JobChannel<J, R>,
    ) -> Arc<JobChannel<J, R>> {
        if let Some(channel) = self.get() {
            return channel;
        }
        let channel = Arc::new(make());
        let erased: Arc<dyn AnyJobChannel> = Arc::<JobChannel<J, R>>::clone(&channel);
        let replaced = self.channels.lock().insert(TypeId::of::<J>(), erased);
        drop(replaced);
        channel
    }

    /// Closes the queues when the service stops: unless it restarts, no more jobs are
    /// accepted.
    pub(crate) fn close(&self) {
        self.channels.lock().values().for_each(|channel| channel.meter().close());
    }

    /// Suspends the queues for a restart: the workers end, and the waiting jobs stay.
    pub(crate) fn suspend(&self) {
        self.channels.lock().values().for_each(|channel| channel.meter().suspend());
    }

    /// Resumes the queues: the workers of the next life take the waiting jobs.
    pub(crate) fn resume(&self) {
        self.channels.lock().values().for_each(|channel| channel.meter().resume());
    }

    /// How many jobs wait and run, by the name of the worker.
    pub(crate) fn depths(&self) -> Vec<QueueDepth> {
        let mut depths: Vec<_> = self.all().iter().map(|channel| channel.depth()).collect();
        depths.sort_by(|a, b| a.worker().cmp(b.worker()));
        depths
    }

    /// See [`AnyJobChannel::abandon`].
    pub(crate) fn abandon(&self) -> Vec<Leftover> {
        self.all().iter().map(|channel| channel.abandon()).collect()
    }

    /// Whether the service has no worker.
    pub(crate) fn is_empty(&self) -> bool {
        self.channels.lock().is_empty()
    }

    fn all(&self) -> Vec<Arc<dyn AnyJobChannel>> {
        self.channels.lock().values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::worker::channel::Job;
    use crate::service::worker::options::OnStop;

    #[test]
    fn s8_s10_the_jobs_of_a_suspended_queue_wait_and_those_of_a_resumed_one_are_lost() {
        let queues = JobQueues::default();
        let make = || JobChannel::<u8, ()>::new("resize", "images".into(), 3, OnStop::Drain);
        let queue = queues.get_or_insert(make);
        assert!(Arc::ptr_eq(&queue, &queues.get_or_insert(|| unreachable!("there is one"))));
        assert!(queue.sender.try_send(Job { job: 7, reply: None }).is_ok());

        queues.suspend();
        assert_eq!((queues.abandon()[0].lost, queues.depths()[0].waiting()), (0, 1));
        queues.resume();
        assert_eq!((queues.abandon()[0].lost, queues.depths()[0].waiting()), (1, 0));
    }
}
