//! Paths and analyses of the Reachability Analyzer. What an analysis found is kept as it was when it was made.
//! Source: <https://docs.aws.amazon.com/vpc/latest/reachability/what-is-reachability-analyzer.html>
use crate::{ClientToken, Cloud, Context, NetworkInsightsAnalysisId, NetworkInsightsPathId, Refusal, Scope, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::{net::Ipv4Addr, sync::Arc};

mod finding;
#[cfg(test)]
mod tests;

pub use finding::{AclRule, Component, Explanation, Findings, GroupRule, PacketHeader, PathComponent, Ports, RouteTableRoute};

/// The most paths of an account and region.
/// Source: <https://docs.aws.amazon.com/vpc/latest/reachability/reachability-analyzer-limits.html>
pub const MAX_PATHS: usize = 100;
/// The most analyses of an account and region.
pub const MAX_ANALYSES: usize = 1000;

/// A path that can be analysed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInsightsPath {
    /// Its id.
    pub id: NetworkInsightsPathId,
    /// Its account and region.
    pub scope: Scope,
    /// What is asked.
    pub asked: PathAsked,
    /// When it was made.
    pub created: Timestamp,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
    /// Its tags.
    pub tags: Tags,
}

/// From where to where, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathAsked {
    /// The source's id, as `i-…`.
    pub source: String,
    /// The destination's id.
    pub destination: Option<String>,
    /// The packets' source address.
    pub source_ip: Option<Ipv4Addr>,
    /// The packets' destination address.
    pub destination_ip: Option<Ipv4Addr>,
    /// 6 for TCP, 17 for UDP.
    pub protocol: u8,
    /// The destination port; any, when not said.
    pub destination_port: Option<u16>,
}

/// An analysis of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInsightsAnalysis {
    /// Its id.
    pub id: NetworkInsightsAnalysisId,
    /// Its account and region.
    pub scope: Scope,
    /// The path.
    pub path: NetworkInsightsPathId,
    /// When it was made.
    pub started: Timestamp,
    /// What it found, or why it failed.
    pub result: Result<Findings, String>,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
    /// Its tags.
    pub tags: Tags,
}

impl NetworkInsightsPath {
    /// `arn:aws:ec2:REGION:ACCOUNT:network-insights-path/nip-…`
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:ec2:{}:{}:network-insights-path/{}", self.scope.region, self.scope.account, self.id)
    }
}

impl NetworkInsightsAnalysis {
    /// `arn:aws:ec2:REGION:ACCOUNT:network-insights-analysis/nia-…`
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:ec2:{}:{}:network-insights-analysis/{}", self.scope.region, self.scope.account, self.id)
    }
}

impl Cloud {
    /// A path of an account and region.
    ///
    /// # Errors
    /// When there is none.
    pub fn network_insights_path(&self, scope: &Scope, id: &NetworkInsightsPathId) -> Result<&Arc<NetworkInsightsPath>, Refusal> {
        let found = self.network_insights_paths.get(id).filter(|path| &path.scope == scope);
        found.ok_or_else(|| Refusal::NetworkInsightsPathNotFound(id.clone()))
    }

    /// `CreateNetworkInsightsPath`. That its ends are there has been looked at.
    ///
    /// # Errors
    /// Too many paths, or a token used otherwise.
    pub fn create_network_insights_path(
        &mut self,
        cx: &mut Context,
        asked: PathAsked,
        client_token: Option<ClientToken>,
        tags: Tags,
    ) -> Result<NetworkInsightsPathId, Refusal> {
        let own: Vec<_> = self.network_insights_paths.values().filter(|path| path.scope == cx.scope).collect();
        let made = own.iter().map(|path| (path.client_token.as_ref(), &path.id));
        if let Some(id) = ClientToken::find(client_token.as_ref(), made)? {
            return Ok(id.clone());
        }
        if own.len() >= MAX_PATHS {
            return Err(Refusal::NetworkInsightsLimit("paths"));
        }
        let id = NetworkInsightsPathId::fresh(&mut cx.ids);
        let path = NetworkInsightsPath { id: id.clone(), scope: cx.scope.clone(), asked, created: cx.now, client_token, tags };
        self.network_insights_paths.insert(id.clone(), Arc::new(path));
        Ok(id)
    }

    /// `DeleteNetworkInsightsPath`.
    ///
    /// # Errors
    /// An unknown path, or one with analyses.
    pub fn delete_network_insights_path(&mut self, cx: &mut Context, id: &NetworkInsightsPathId) -> Result<(), Refusal> {
        self.network_insights_path(&cx.scope, id)?;
        if self.network_insights_analyses.values().any(|analysis| &analysis.path == id) {
            return Err(Refusal::AnalysisExistsForPath(id.clone()));
        }
        self.network_insights_paths.remove(id);
        Ok(())
    }

    /// `StartNetworkInsightsAnalysis`; `analyse` looks at the path.
    ///
    /// # Errors
    /// An unknown path, too many analyses, or a token used otherwise.
    pub fn start_network_insights_analysis(
        &mut self,
        cx: &mut Context,
        path: &NetworkInsightsPathId,
        client_token: Option<ClientToken>,
        tags: Tags,
        analyse: impl FnOnce(&Self, &NetworkInsightsPath, Timestamp) -> Result<Findings, String>,
    ) -> Result<NetworkInsightsAnalysisId, Refusal> {
        let found = Arc::clone(self.network_insights_path(&cx.scope, path)?);
        let own: Vec<_> = self.network_insights_analyses.values().filter(|analysis| analysis.scope == cx.scope).collect();
        let made = own.iter().map(|analysis| (analysis.client_token.as_ref(), &analysis.id));
        if let Some(id) = ClientToken::find(client_token.as_ref(), made)? {
            return Ok(id.clone());
        }
        if own.len() >= MAX_ANALYSES {
            return Err(Refusal::NetworkInsightsLimit("analyses"));
        }
        let id = NetworkInsightsAnalysisId::fresh(&mut cx.ids);
        let result = analyse(self, &found, cx.now);
        let scope = cx.scope.clone();
        let analysis = NetworkInsightsAnalysis { id: id.clone(), scope, path: path.clone(), started: cx.now, result, client_token, tags };
        self.network_insights_analyses.insert(id.clone(), Arc::new(analysis));
        Ok(id)
    }

    /// `DeleteNetworkInsightsAnalysis`.
    ///
    /// # Errors
    /// An unknown analysis.
    pub fn delete_network_insights_analysis(&mut self, cx: &mut Context, id: &NetworkInsightsAnalysisId) -> Result<(), Refusal> {
        match self.network_insights_analyses.get(id) {
            Some(found) if found.scope == cx.scope => {
                self.network_insights_analyses.remove(id);
                Ok(())
            }
            _ => Err(Refusal::NetworkInsightsAnalysisNotFound(id.clone())),
        }
    }
}
