use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Playback {
    position: u64,
    title: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Network {
    port: u16,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Tv {
    playback: Playback,
    networks: Vec<Network>,
    volume: u8,
}

fn main() {
    let tv = create_model("tv", Tv::default());
    tv.set(Tv::PATHS.playback.position, 1);
    tv.set(Tv::PATHS.playback.title, "Alien".to_owned());
    tv.update_at(Tv::PATHS.playback.position, |position| *position += 1);
    let _position = tv.get(Tv::PATHS.playback.position);
    let _playback = tv.get(Tv::PATHS.playback);
    let _title = tv.subscribe(Tv::PATHS.playback.title, |title: &String, _| println!("{title}"));
    let _all = tv.subscribe(Tv::PATHS.playback, |playback: &Playback, _| println!("{playback:?}"));
    tv.push(Tv::PATHS.networks, Network::default());
    let _port = tv.get(sprag::path!(Tv.networks[0].port));
    let _networks = tv.get(Tv::PATHS.networks);
    tv.transaction(|tx| {
        tx.set(Tv::PATHS.playback.position, 3);
        Ok::<(), ()>(())
    })
    .unwrap();
    tv.set(Tv::PATHS.volume, 3);
}
