//! Calls: the documented ways, and ways that go wrong.
use super::{Made, REGIONS};
use crate::{case::CallSpec, dice::Dice};

pub(super) fn call(dice: &mut Dice, made: &Made) -> CallSpec {
    let (endpoint, there) = dice.pick(&made.endpoints).cloned().unwrap_or_default();
    let near: Vec<&(String, usize)> = made.sources.iter().filter(|(_, net)| *net == there).collect();
    let form = dice.below(25);
    // The API's own name resolves where the endpoint is.
    let source = if dice.percent(if form <= 5 { 85 } else { 50 }) {
        dice.pick(&near).map(|source| (*source).clone())
    } else {
        dice.pick(&made.sources).cloned()
    };
    let (from, _) = source.unwrap_or_default();
    let (api, region) = api(dice, made, there);
    let api_host = format!("{api}.execute-api.{region}.amazonaws.com");
    let mut headers = Vec::new();
    let mut host = match form {
        0..=5 => api_host.clone(),
        6..=8 => format!("{api}-<vpce:{endpoint}>.execute-api.{region}.amazonaws.com"),
        9..=12 => {
            headers.push(("Host".to_owned(), if dice.percent(10) { format!("{api_host}:443") } else { api_host.clone() }));
            format!("<name:{endpoint}>")
        }
        13..=15 => {
            headers.push(("x-apigw-api-id".to_owned(), api.clone()));
            format!("<name:{endpoint}>")
        }
        16 | 17 => {
            headers.push(("x-apigw-api-id".to_owned(), api.clone()));
            format!("<zonal:{endpoint}>")
        }
        18 | 19 => {
            if dice.percent(60) {
                headers.push(("Host".to_owned(), api_host.clone()));
            }
            dice.pick(&made.names).cloned().unwrap_or_else(|| api_host.clone())
        }
        20 => format!("<address:{endpoint}>"),
        21 => format!("<name:{endpoint}>"),
        22 if dice.percent(50) => dice.word(&["nowhere.internal", "example.com", "execute-api.ap-northeast-2.amazonaws.com"]),
        _ => {
            let other = REGIONS.get(dice.below(REGIONS.len())).copied().unwrap_or_default();
            format!("{api}.execute-api.{other}.amazonaws.com")
        }
    };
    match dice.below(30) {
        0 => host = host.replace("execute-api", "Execute-API"),
        1 => headers.push(("x-apigw-api-id".to_owned(), api.clone())),
        2 => headers.push(("X-HTTP-Method-Override".to_owned(), "POST".to_owned())),
        3 => headers.push(("User-Agent".to_owned(), "curl/8.5".to_owned())),
        4 => headers.push(("Content-Type".to_owned(), "text/plain".to_owned())),
        _ => {}
    }
    let stage = dice.word(&["dev", "dev", "dev", "dev", "dev", "dev", "dev", "dev", "dev", "dev", "prod", "nope"]);
    let path = dice.word(&[
        "/pets",
        "/pets",
        "/pets",
        "/pets",
        "/pets",
        "/pets",
        "/pets",
        "/pets/7",
        "/pets/8",
        "/any/a/b",
        "/any/c",
        "/",
        "",
        "/late",
        "/nothing",
        "/pets/",
        "/p%65ts",
        "//pets",
        "/pets/7/x",
        "/pets?a=b",
    ]);
    let method =
        dice.word(&["GET", "GET", "GET", "GET", "GET", "GET", "GET", "GET", "GET", "GET", "GET", "POST", "DELETE", "OPTIONS", "PUT"]);
    let scheme = match dice.below(40) {
        0 => "http",
        _ => "https",
    };
    let port = match dice.below(40) {
        0 => ":8443",
        1 => ":443",
        _ => "",
    };
    let whole = if dice.percent(3) { String::new() } else { format!("/{stage}{path}") };
    let (signed_by, wrong) = super::identities::signer(dice, made);
    CallSpec { from, method, url: format!("{scheme}://{host}{port}{whole}"), headers, signed_by, wrong }
}

/// An API, rather one of the endpoint's region; or one that is not there.
fn api(dice: &mut Dice, made: &Made, there: usize) -> (String, String) {
    let region = made.nets.get(there).map_or("", |net| net.region);
    let near: Vec<_> = made.apis.iter().filter(|(_, of, _)| *of == region).collect();
    let found = if dice.percent(85) { dice.pick(&near).map(|api| (*api).clone()) } else { dice.pick(&made.apis).cloned() };
    match (dice.below(30), found) {
        (0, _) | (_, None) => ("abcdef0123".to_owned(), REGIONS.get(dice.below(REGIONS.len())).copied().unwrap_or_default().to_owned()),
        (_, Some((label, region, _))) => (format!("<api:{label}>"), region.to_owned()),
    }
}
