//! The constructor that stops what it starts: `run_until` of an app's type.

use sprag::prelude::*;

pub struct Player {
    title: Config<String>,
}

#[service]
impl Player {
    fn new(title: Config<String>) -> Self {
        Self { title }
    }
}

app! { Hub(String) { Player } }

#[tokio::test]
async fn s6_run_until_passes_the_app_and_stops_it() {
    let body = async |hub: &Hub| {
        let player = hub.handle::<Player>();
        (player.get().unwrap().title.to_string(), player)
    };
    let ((title, player), report) = Hub::run_until("Alien".to_owned(), body).await.unwrap();
    assert_eq!(title, "Alien");
    assert!(report.is_clean(), "{report}");
    assert!(!player.is_available());
}

/// A program of a car, with modules that have the names of tools of the compiler.
mod car {
    pub mod diagnostic {
        #[derive(Debug, Default, PartialEq)]
        pub struct Code(pub u8);
    }
    mod clippy {}
    mod rustfmt {}

    use sprag::prelude::*;

    #[derive(Default)]
    pub struct Board {
        pub code: diagnostic::Code,
    }

    #[service]
    impl Board {
        fn new() -> Self {
            Self::default()
        }
    }

    app! { pub Car { Board } }
}

#[tokio::test]
async fn a_service_may_stand_beside_a_module_called_as_a_tool_of_the_compiler() {
    let body = async |car: &car::Car| {
        let board = car.handle::<car::Board>();
        assert_eq!(board.get().unwrap().code, car::diagnostic::Code(0));
    };
    let ((), report) = car::Car::run_until(body).await.unwrap();
    assert!(report.is_clean(), "{report}");
}
