//! The paths that are vpclab's own: health, reset, topology, and which process an instance is; and the health and reset paths by which test
//! suites written for moto's server mode and for LocalStack ask the same.
use crate::{
    check,
    explain::{Explainer, NotExplained},
    plane::Plane,
    probe, reach, topology,
};
use bytes::Bytes;
use http::{Method, Response, StatusCode, header, request::Parts};
use http_body_util::Full;
use serde_json::{Value, json};
use std::sync::Arc;
use vpclab_cloud::{AccountId, Cloud, Instance, InstanceState, Region, Scope};
use vpclab_explain::Judge;
use vpclab_probe::Prober;
use vpclab_services::{engine::Engine, http::LocalRoutes};

/// What health tells beside the state.
#[derive(Clone, Debug)]
pub struct About {
    /// `root` or `user namespace`.
    pub privilege: String,
    /// Whether unknown names are forwarded.
    pub forward_dns: bool,
}

/// The routes, bound to a lab.
pub fn routes(engine: Arc<Engine>, plane: Arc<Plane>, prober: Prober, about: About) -> LocalRoutes {
    let explainer = Arc::new(Explainer::of_lab(about.forward_dns, Arc::clone(engine.secrets())));
    Arc::new(move |parts: Parts, body: Bytes| {
        let (engine, plane, prober, about) = (Arc::clone(&engine), Arc::clone(&plane), prober.clone(), about.clone());
        let explainer = Arc::clone(&explainer);
        Box::pin(async move {
            if parts.method == Method::POST
                && let Some(done) = judged(&engine, &plane, &prober, &explainer, parts.uri.path(), &body).await
            {
                return done
                    .map_or_else(|why| failed(why.status, &why.message, why.hint.as_deref()), |value| reply(StatusCode::OK, &value));
            }
            answer(&engine, &plane, &prober, &about, &parts, &body).await
        })
    })
}

/// What is judged; `None` for other paths.
async fn judged(
    engine: &Engine,
    plane: &Arc<Plane>,
    prober: &Prober,
    explainer: &Explainer,
    path: &str,
    body: &[u8],
) -> Option<Result<Value, NotExplained>> {
    let (cloud, now) = (engine.snapshot(), vpclab_services::engine::clock());
    Some(match path {
        "/_vpclab/explain" => explainer.answer(prober, plane, &cloud, now, body).await,
        "/_vpclab/who-can" => match reach::asked(body) {
            Ok(asked) => aside(explainer.of(&cloud), move |judge| reach::who_can(judge, now, asked)).await,
            Err(why) => Err(why),
        },
        "/_vpclab/what-can" => match reach::asked(body) {
            Ok(asked) => aside(explainer.of(&cloud), move |judge| reach::what_can(judge, now, &asked)).await,
            Err(why) => Err(why),
        },
        "/_vpclab/check" => match reach::asked(body) {
            Ok(asked) => check::answer(explainer.of(&cloud), prober, plane, &cloud, now, asked).await,
            Err(why) => Err(why),
        },
        _ => return None,
    })
}

/// Judges many calls on a thread that no socket waits for.
pub(crate) async fn aside<T: Send + 'static>(
    judge: Judge,
    work: impl FnOnce(&Judge) -> Result<T, NotExplained> + Send + 'static,
) -> Result<T, NotExplained> {
    let done = tokio::task::spawn_blocking(move || work(&judge)).await;
    done.unwrap_or_else(|why| Err(NotExplained { status: 500, message: format!("judging ended early: {why}"), hint: None }))
}

async fn answer(engine: &Engine, plane: &Plane, prober: &Prober, about: &About, parts: &Parts, body: &[u8]) -> Response<Full<Bytes>> {
    let path = parts.uri.path();
    match (&parts.method, path) {
        (&Method::GET, "/_vpclab/health") => reply(StatusCode::OK, &health(&engine.snapshot(), engine.is_ephemeral(), plane, about)),
        (&Method::GET, "/_vpclab/topology") => reply(StatusCode::OK, &topology::describe(&engine.snapshot())),
        (&Method::GET, "/_vpclab/topology.svg") => {
            let drawn = vpclab_topology::draw(&engine.snapshot(), vpclab_services::engine::clock(), vpclab_topology::Look::Standalone);
            let mut picture = reply(StatusCode::OK, &Value::Null).map(|_| Full::new(Bytes::from(drawn)));
            picture.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("image/svg+xml"));
            picture
        }
        (&Method::GET, "/_vpclab/snapshot") => {
            let snapshot = vpclab_import::Snapshot::of(&engine.snapshot(), vpclab_services::engine::clock(), Vec::new());
            reply(StatusCode::OK, &serde_json::to_value(snapshot).unwrap_or_default())
        }
        (&Method::POST, "/_vpclab/what-if") => match crate::what_if::what_if(engine, body).await {
            Ok(made) => reply(StatusCode::OK, &serde_json::to_value(made).unwrap_or_default()),
            Err(why) => failed(StatusCode::CONFLICT.as_u16(), &why.to_string(), why.advice()),
        },
        (&Method::GET, "/_localstack/health") => reply(
            StatusCode::OK,
            &json!({"services": {"apigateway": "running", "ec2": "running", "s3": "running", "sts": "running"}, "edition": "vpclab", "version": env!("CARGO_PKG_VERSION")}),
        ),
        (&Method::POST, "/_vpclab/probe") => probed(probe::answer(prober, plane, &engine.snapshot(), body).await),
        (&Method::POST, "/_vpclab/reset" | "/moto-api/reset" | "/_localstack/state/reset") => reset(engine).await,
        (&Method::GET, _) => match path.strip_prefix("/_vpclab/instances/") {
            Some(id) => instance(&engine.snapshot(), plane, id),
            None => unknown(path),
        },
        _ => unknown(path),
    }
}

fn health(cloud: &Cloud, ephemeral: bool, plane: &Plane, about: &About) -> Value {
    json!({
        "status": "running", "version": env!("CARGO_PKG_VERSION"), "ephemeral": ephemeral, "privilege": about.privilege, "forwardDns": about.forward_dns,
        "resources": {
            "vpcs": cloud.vpcs.len(), "subnets": cloud.subnets.len(), "security groups": cloud.security_groups.len(),
            "route tables": cloud.route_tables.len(), "peering connections": cloud.peerings.len(), "vpc endpoints": cloud.vpc_endpoints.len(),
            "network interfaces": cloud.network_interfaces.len(),
            "instances": cloud.instances.values().filter(|i| i.state == InstanceState::Running).count(),
            "rest apis": cloud.rest_apis.len(),
        },
        "readOnlyInstances": plane.read_only_instances(),
    })
}

fn probed(done: Result<Value, probe::NotMade>) -> Response<Full<Bytes>> {
    match done {
        Ok(value) => reply(StatusCode::OK, &value),
        Err(why) => failed(why.status, &why.message, why.hint.as_deref()),
    }
}

/// An error with advice.
fn failed(status: u16, message: &str, hint: Option<&str>) -> Response<Full<Bytes>> {
    reply(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &json!({"message": message, "hint": hint}))
}

async fn reset(engine: &Engine) -> Response<Full<Bytes>> {
    if !engine.is_ephemeral() {
        return reply(
            StatusCode::CONFLICT,
            &json!({"message": "this lab keeps its state, so it cannot be reset", "hint": "start it with `vpclab up --ephemeral`"}),
        );
    }
    let Ok(region) = "us-east-1".parse::<Region>() else { return unknown("/_vpclab/reset") };
    match engine.reset(&Scope { account: AccountId::unnamed(), region }).await {
        Ok(()) => reply(StatusCode::OK, &json!({"status": "ok"})),
        Err(why) => reply(StatusCode::INTERNAL_SERVER_ERROR, &json!({"message": why.to_string()})),
    }
}

fn instance(cloud: &Cloud, plane: &Plane, wanted: &str) -> Response<Full<Bytes>> {
    let named = |i: &&Arc<Instance>| {
        i.id.as_str() == wanted || (i.state != InstanceState::Terminated && i.tags.get("Name").is_some_and(|name| name == wanted))
    };
    let found: Vec<&Arc<Instance>> = cloud.instances.values().filter(named).take(2).collect();
    let hint = "`vpclab topology` lists the instances";
    match found.as_slice() {
        [] => reply(StatusCode::NOT_FOUND, &json!({"message": format!("there is no instance `{wanted}`"), "hint": hint})),
        [one] => match plane.process(&one.id) {
            Some((pid, start)) => reply(StatusCode::OK, &json!({"id": one.id.as_str(), "initPid": pid, "startTime": start})),
            None => reply(
                StatusCode::CONFLICT,
                &json!({"message": format!("the instance `{}` is not running", one.id), "hint": format!("start it with `aws ec2 start-instances --instance-ids {}`", one.id)}),
            ),
        },
        _ => reply(
            StatusCode::CONFLICT,
            &json!({"message": format!("several instances have the name `{wanted}`"), "hint": "use the instance's id"}),
        ),
    }
}

/// The answer to a page from elsewhere, which must not empty a lab.
pub fn refuse(message: &str) -> Response<Full<Bytes>> {
    reply(StatusCode::FORBIDDEN, &json!({ "message": message }))
}

fn unknown(path: &str) -> Response<Full<Bytes>> {
    reply(StatusCode::NOT_FOUND, &json!({"message": format!("vpclab has no path `{path}` for that method")}))
}

fn reply(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(Bytes::from(body.to_string())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    answer
}
