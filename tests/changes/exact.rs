//! D1: the ops of each commit lead from the JSON of the state before to that of the state
//! after.

use futures_util::{FutureExt, StreamExt};
use proptest::prelude::*;
use serde_json::{Value, to_value};
use sprag::prelude::*;

use crate::domain::*;
use crate::interpreter;

/// Follows a model by its changesets alone.
struct Follower {
    json: Value,
    changes: sprag::state::Changes<World>,
}

impl Follower {
    fn of(world: &Model<World>) -> Self {
        Self { changes: world.changes(), json: to_value(&*world.snapshot()).unwrap() }
    }

    /// Takes in what was committed; the JSON must be that of the state.
    fn follow(&mut self, world: &Model<World>) {
        while let Some(Some(commit)) = self.changes.next().now_or_never() {
            let commit = commit.unwrap();
            let bytes = serde_json::to_string(&commit.changeset()).unwrap();
            // A commit is written as its changeset is.
            assert_eq!(serde_json::to_string(&commit).unwrap(), bytes);
            let set = serde_json::from_str(&bytes).unwrap();
            self.json = interpreter::apply(self.json.take(), &set).unwrap();
        }
        assert_eq!(arranged(self.json.clone()), json(&world.snapshot()));
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
            follower.follow(&world);
        }
    }

    #[test]
    fn d1_writes_of_the_whole_are_exact(actions in actions(30)) {
        let world = create_model("world", World::default());
        let mut follower = Follower::of(&world);
        for action in actions {
            world.update(|world| rewrite(world, action));
            follower.follow(&world);
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
        follower.follow(&world);
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
            follower.follow(&world);
        }
    }
}
