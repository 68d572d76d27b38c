//! D1: the ops of each commit lead from the JSON of the state before to that of the state
//! after.

use futures_util::{FutureExt, StreamExt};
use proptest::prelude::*;
use serde_json::{Value, to_value};
use sprag::View;
use sprag::prelude::*;

use crate::domain::*;
use crate::handles::{write_by_handle, write_store};
use crate::interpreter;

/// Follows a model by its changesets alone.
struct Follower {
    json: Value,
    changes: sprag::state::Changes<World>,
}

impl Follower {
    fn of(world: &View<World>) -> Self {
        Self { changes: world.changes(), json: to_value(&*world.snapshot()).unwrap() }
    }

    fn of_store(world: &Store<World>) -> Self {
        Self { changes: world.changes(), json: to_value(&*world.snapshot()).unwrap() }
    }

    /// Takes in what was committed; the JSON must be that of the state.
    fn follow(&mut self, world: &World) {
        while let Some(Some(commit)) = self.changes.next().now_or_never() {
            let commit = commit.unwrap();
            let bytes = serde_json::to_string(&commit.changeset()).unwrap();
            // A commit is written as its changeset is.
            assert_eq!(serde_json::to_string(&commit).unwrap(), bytes);
            let set = serde_json::from_str(&bytes).unwrap();
            self.json = interpreter::apply(self.json.take(), &set).unwrap();
        }
        assert_eq!(arranged(self.json.clone()), json(world));
    }
}

fn actions(count: usize) -> impl Strategy<Value = Vec<Action>> {
    proptest::collection::vec(any::<Action>(), 1..count)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn d1_writes_by_path_are_exact(actions in actions(40)) {
        let world = create_model("world", World::default());
        let mut follower = Follower::of(&world);
        for action in actions {
            write(&world, action);
            follower.follow(&world.snapshot());
        }
    }

    #[test]
    fn d1_writes_of_the_whole_are_exact(actions in actions(30)) {
        let world = create_model("world", World::default());
        let mut follower = Follower::of(&world);
        for action in actions {
            world.update(|world| rewrite(world, action));
            follower.follow(&world.snapshot());
        }
    }

    #[test]
    fn d1_writes_by_handle_are_exact(actions in actions(30)) {
        let world = create_model("world", World::default());
        let history = world.history(100);
        let mut follower = Follower::of(&world);
        for action in actions {
            match action.2 % 8 {
                0 => drop(history.undo()),
                1 => drop(history.redo()),
                2 | 3 => write(&world, action),
                _ => write_by_handle(&world, action),
            }
            follower.follow(&world.snapshot());
        }
    }

    #[test]
    fn d1_writes_of_a_store_are_exact(actions in actions(30)) {
        let world = create_store("world", World::default());
        let history = world.history(100);
        let mut follower = Follower::of_store(&world);
        for action in actions {
            match action.2 % 8 {
                0 => drop(history.undo()),
                1 => drop(history.redo()),
                _ => write_store(&world, action),
            }
            follower.follow(&world.snapshot());
        }
    }

    #[test]
    fn d1_a_reader_that_sleeps_gets_the_same(actions in actions(40)) {
        let world = create_model("world", World::default());
        let mut follower = Follower::of(&world);
        for action in actions {
            if action.1 % 2 == 0 {
                write(&world, action);
            } else {
                world.update(|world| rewrite(world, action));
            }
        }
        follower.follow(&world.snapshot());
    }

    #[test]
    fn d1_transactions_are_exact(transactions in proptest::collection::vec(actions(8), 1..8)) {
        let world = create_model("world", World::default());
        let mut follower = Follower::of(&world);
        for actions in transactions {
            world.transaction(|tx| {
                actions.into_iter().for_each(|action| write_in(tx, action));
                Ok::<_, ()>(())
            }).unwrap();
            follower.follow(&world.snapshot());
        }
    }
}
