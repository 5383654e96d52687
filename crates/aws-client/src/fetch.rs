//! All the calls of an import: an account, its regions, and what is in them.
use crate::{Client, ClientError};
use serde_json::Value;
use std::sync::Arc;
use tokio::{sync::Semaphore, task::JoinSet};
use vpclab_import::Document;
use vpclab_import::calls::{CALLS, Call, Per, Subject};

/// Calls at once.
const AT_ONCE: usize = 8;
/// The most pages of one answer.
const MAX_PAGES: usize = 10_000;

/// Asks for everything in regions, and says on the way what it asks.
///
/// # Errors
/// The first call that fails.
pub async fn fetch(client: &Client, regions: &[String]) -> Result<Vec<Document>, ClientError> {
    let Some(first) = regions.first() else { return Ok(Vec::new()) };
    let fetching = Fetching { client: client.clone(), limit: Arc::new(Semaphore::new(AT_ONCE)) };
    let mut account = fetching.all(Per::Account, "global", first, vec![Subject::default()]).await?;
    let id = texts(&account, None, "Account").next().unwrap_or_else(|| "000000000000".to_owned());
    let zones = subjects(texts(&account, Some("HostedZones"), "Id").map(|id| id.trim_start_matches("/hostedzone/").to_owned()));
    account.extend(fetching.all(Per::Zone, "global", first, zones).await?);
    for region in regions {
        let of_region = fetching.all(Per::Region, region, region, vec![Subject::default()]).await?;
        let vpcs = subjects(texts(&of_region, Some("Vpcs"), "VpcId"));
        let functions = subjects(texts(&of_region, Some("Functions"), "FunctionName"));
        let apis = subjects(texts(&of_region, Some("items"), "id"));
        account.extend(of_region);
        account.extend(fetching.all(Per::Vpc, region, region, vpcs).await?);
        let of_functions = fetching.all(Per::Function, region, region, functions.clone()).await?;
        let qualified = functions.iter().flat_map(|function| qualified(&of_functions, &function.id)).collect();
        account.extend(of_functions);
        account.extend(fetching.all(Per::Qualifier, region, region, qualified).await?);
        let of_apis = fetching.all(Per::Api, region, region, apis.clone()).await?;
        let stages = apis.iter().flat_map(|api| stages(&of_apis, &api.id)).collect();
        account.extend(of_apis);
        account.extend(fetching.all(Per::Stage, region, region, stages).await?);
    }
    for document in &mut account {
        document.origin = format!("{id}/{}", document.origin);
    }
    account.sort_by(|a, b| a.origin.cmp(&b.origin));
    Ok(account)
}

struct Fetching {
    client: Client,
    limit: Arc<Semaphore>,
}

impl Fetching {
    /// The calls of a kind for all that they are made for.
    async fn all(&self, per: Per, place: &str, region: &str, subjects: Vec<Subject>) -> Result<Vec<Document>, ClientError> {
        let mut asking = JoinSet::new();
        for subject in subjects {
            for call in CALLS.iter().filter(|call| call.per == per) {
                let (client, limit, subject) = (self.client.clone(), Arc::clone(&self.limit), subject.clone());
                let (place, region) = (place.to_owned(), region.to_owned());
                asking.spawn(async move {
                    let _turn = limit.acquire_owned().await;
                    pages(&client, call, &place, &region, &subject).await
                });
            }
        }
        let mut documents = Vec::new();
        while let Some(done) = asking.join_next().await {
            let done = done
                .unwrap_or_else(|why| Err(ClientError::Failed { operation: "import", region: region.to_owned(), why: why.to_string() }));
            documents.extend(done?);
        }
        Ok(documents)
    }
}

/// A call, page after page.
async fn pages(client: &Client, call: &'static Call, place: &str, region: &str, subject: &Subject) -> Result<Vec<Document>, ClientError> {
    let mut documents = Vec::new();
    let mut further: Vec<(&str, Value)> = Vec::new();
    for page in 0..MAX_PAGES {
        let mut members = call.request(subject);
        members.extend(call.limit.map(|(member, most)| (member, Value::from(most))));
        members.append(&mut further);
        let Some(value) = client.call(call, region, &members).await? else { break };
        for (member, from) in call.pages {
            further.extend(value.get(*from).filter(|next| next.as_str() != Some("")).map(|next| (*member, next.clone())));
        }
        documents.push(Document { origin: format!("{place}/{}", call.file(subject, page)), value });
        if further.is_empty() {
            return Ok(documents);
        }
    }
    match documents.len() {
        MAX_PAGES => {
            Err(ClientError::Failed { operation: call.operation, region: region.to_owned(), why: format!("more than {MAX_PAGES} pages") })
        }
        _ => Ok(documents),
    }
}

/// The texts of a member, of answers or of their items.
fn texts<'a>(documents: &'a [Document], list: Option<&'a str>, member: &'a str) -> impl Iterator<Item = String> + 'a {
    let items = documents.iter().flat_map(move |document| match list {
        None => vec![&document.value],
        Some(list) => document.value.get(list).and_then(Value::as_array).into_iter().flatten().collect(),
    });
    items.filter_map(move |item| item.get(member)?.as_str().map(str::to_owned))
}

fn subjects(ids: impl Iterator<Item = String>) -> Vec<Subject> {
    ids.map(|id| Subject { id, ..Subject::default() }).collect()
}

/// The published versions and the aliases of a function, by what the answers' ARNs name.
fn qualified(documents: &[Document], function: &str) -> Vec<Subject> {
    let of_list = |list: &'static str, arn: &'static str| {
        let items = documents.iter().flat_map(move |document| document.value.get(list).and_then(Value::as_array).into_iter().flatten());
        items.filter_map(move |item| {
            let mut parts = item.get(arn)?.as_str()?.splitn(8, ':').skip(6);
            let (name, qualifier) = (parts.next()?, parts.next()?);
            let is_one = name == function && qualifier != "$LATEST";
            is_one.then(|| Subject { id: function.to_owned(), qualifier: qualifier.to_owned(), ..Subject::default() })
        })
    };
    of_list("Versions", "FunctionArn").chain(of_list("Aliases", "AliasArn")).collect()
}

/// The stages of an API, by the answer that is filed under its id.
fn stages(documents: &[Document], api: &str) -> Vec<Subject> {
    let end = format!("get-stages.{api}.json");
    let of_api = documents.iter().filter(|document| document.origin.ends_with(&end));
    let items = of_api.flat_map(|document| document.value.get("item").and_then(Value::as_array).into_iter().flatten());
    items
        .filter_map(|stage| {
            let text = |member| stage.get(member).and_then(Value::as_str).map(str::to_owned);
            Some(Subject { id: api.to_owned(), stage: text("stageName")?, deployment: text("deploymentId")?, ..Subject::default() })
        })
        .collect()
}
