//! Whether the servers of this machine are found.

use lazaret_models::{Call, Config, LOCAL_SERVERS, ModelClient, OpenAi, Request, Secret, discover};

use crate::cast::fake;

#[tokio::test]
async fn servers_that_answer_are_found_in_order_and_others_are_not() {
    let (first, second) = (fake().await, fake().await);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = format!("http://{}", closed.local_addr().expect("an address"));
    // It listens and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let silent = format!("http://{}", silent.local_addr().expect("an address"));
    drop(closed);
    let addresses = [&first, &second].map(|fake| format!("http://{}", fake.address()));
    let urls = [
        &addresses[0],
        "not an address",
        nobody.as_str(),
        &silent,
        &format!("{}/", addresses[1]),
    ];
    let found = discover(&urls).await;
    let at: Vec<&str> = found.iter().map(|server| server.url.as_str()).collect();
    assert_eq!(at, [urls[0], urls[4]]);
    assert_eq!(found[1].models, ["text"]);
    assert_eq!(found[1].base_url, format!("{}/v1", addresses[1]));
    let keys = ["authorization", "x-api-key", "api-key"];
    let seen = first.seen().pop().expect("a request");
    assert!(
        keys.iter().all(|name| seen.header(name).is_none()),
        "no key is sent"
    );
}

#[tokio::test]
async fn what_was_found_can_be_asked() {
    let fake = fake().await;
    let url = format!("http://{}", fake.address());
    let found = discover(&[&url]).await.pop().expect("a server");
    let key = Secret::new(crate::server::KEY);
    let provider = OpenAi::compatible(&found.base_url, key).expect("a provider");
    let client = ModelClient::new(Config::new(provider)).expect("a client");
    let request = Request::new(found.models[0].as_str(), "hi");
    client
        .ask(&request, Call::default())
        .await
        .expect("an answer");
}

#[test]
fn the_usual_addresses_are_addresses() {
    for (name, url) in LOCAL_SERVERS {
        OpenAi::compatible(&format!("{url}/v1"), Secret::new("")).expect(name);
    }
}
