//! The page's files, embedded in the binary.
use crate::answer::{answer, refusal};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};
use vpclab_services::http::AnswerBody;

/// What Vite wrote. Without Node there is nothing, and the binary says how to build it.
#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Files;

/// The page's document.
const INDEX: &str = "index.html";
/// What the document may load: its own scripts and styles. The one kind of inline style, the terminal's, carries the nonce.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-NONCE'; img-src 'self' data:; font-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Where the nonce stands in the document.
const NONCE: &str = "%NONCE%";
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>vpclab</title></head><body>\
<h1>The console is not in this binary</h1><p>It was built without Node. Run <code>make console</code> and build vpclab again; \
<code>make demo</code> and <code>make build</code> do both.</p></body></html>";

/// The answer to a path below `/console/`.
pub(crate) fn serve(path: &str, headers: &HeaderMap) -> Response<AnswerBody> {
    let path = if path.is_empty() { INDEX } else { path };
    match Files::get(path) {
        Some(file) if path == INDEX => document(&file),
        Some(file) => asset(path, &file, headers),
        None if path == INDEX => answer(StatusCode::OK, "text/html; charset=utf-8", NOT_BUILT),
        None => refusal(StatusCode::NOT_FOUND, "the console has no such file"),
    }
}

fn document(file: &EmbeddedFile) -> Response<AnswerBody> {
    let nonce = match nonce() {
        Ok(nonce) => nonce,
        Err(why) => return no_random(why),
    };
    let text = String::from_utf8_lossy(&file.data).replace(NONCE, &nonce);
    let mut answer = answer(StatusCode::OK, "text/html; charset=utf-8", text);
    if let Ok(policy) = HeaderValue::from_str(&POLICY.replace("NONCE", &nonce)) {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

fn asset(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response<AnswerBody> {
    let hash = file.metadata.sha256_hash();
    let etag = format!("\"{}\"", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == etag.as_bytes());
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let mut answer = match known {
        true => answer(StatusCode::NOT_MODIFIED, kind.as_ref(), ""),
        false => answer(StatusCode::OK, kind.as_ref(), file.data.to_vec()),
    };
    // Vite names what is below `assets/` by its content.
    let caching = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        answer.headers_mut().insert(header::ETAG, etag);
    }
    answer
}

/// 128 random bits, another for each load of the document.
///
/// # Errors
/// When the kernel gives none: nothing that anyone could guess may stand in for them.
pub(crate) fn nonce() -> rustix::io::Result<String> {
    let mut bytes = [0_u8; 16];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match rustix::rand::getrandom(rest, rustix::rand::GetRandomFlags::empty()) {
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(why) => return Err(why),
        }
    }
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The answer when there is no [`nonce`].
pub(crate) fn no_random(why: rustix::io::Errno) -> Response<AnswerBody> {
    refusal(StatusCode::INTERNAL_SERVER_ERROR, &format!("the kernel gives no random bytes: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    async fn text(answer: Response<AnswerBody>) -> String {
        String::from_utf8_lossy(&answer.into_body().collect().await.unwrap().to_bytes()).into_owned()
    }

    /// Whether the page was built or not: then it says how to build it.
    #[tokio::test]
    async fn the_document_is_there_with_a_nonce_of_its_own() {
        let [one, two] = [serve("", &HeaderMap::new()), serve("index.html", &HeaderMap::new())];
        assert_eq!((one.status(), two.status()), (StatusCode::OK, StatusCode::OK));
        let policy = one.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
        if Files::get(INDEX).is_some() {
            assert_ne!(policy, two.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap());
            let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
            let document = text(one).await;
            assert!(document.contains(&nonce) && !document.contains(NONCE), "{document}");
        } else {
            assert!(text(one).await.contains("make console"));
        }
    }

    #[tokio::test]
    async fn named_files_are_kept_and_asked_for_once() {
        assert_eq!(serve("../Cargo.toml", &HeaderMap::new()).status(), StatusCode::NOT_FOUND);
        let Some(name) = Files::iter().find(|name| name.ends_with(".js")) else { return };
        let first = serve(&name, &HeaderMap::new());
        assert!(first.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        assert_eq!(first.headers()[header::CONTENT_TYPE], "text/javascript");
        let known = HeaderMap::from_iter([(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone())]);
        assert_eq!(serve(&name, &known).status(), StatusCode::NOT_MODIFIED);
    }
}
