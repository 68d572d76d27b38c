use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Playback {
    position: u64,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Network {
    port: u16,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Tv {
    playback: Playback,
    network: Network,
    volume: u8,
}

fn main() {
    let tv = create_model("tv", Tv::default());
    tv.set(Tv::PATHS.volume, 1);
    let _volume = tv.subscribe(Tv::PATHS.volume, |volume: &u8, _| println!("{volume}"));
    assert_eq!(tv.get(Tv::PATHS.volume), 1);
    tv.update(|tv| tv.playback.position += u64::from(tv.network.port));
    tv.patch(TvPatch::default().network(Network::default()).volume(2));
    tv.transaction(|tx| {
        tx.set(Tv::PATHS.volume, 3);
        Ok::<(), ()>(())
    })
    .unwrap();
    let settings = sprag::create_store("tv", Tv::default());
    settings.set(TvPatch::default().playback(Playback::default()));
}
