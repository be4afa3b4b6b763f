"use strict";
/**
 * An API serves what its last Deployment froze. The CDK makes a new Deployment when a method is written differently, by
 * hashing what its own L2 classes were given; an edit of the L1 below them it would not notice.
 */

/** Types whose changes are only live with a new Deployment. */
const FROZEN = new Set(["AWS::ApiGateway::Method", "AWS::ApiGateway::GatewayResponse"]);

/** Makes the Deployments of the API that `resource` belongs to depend on `edit`, those that the CDK looks after. */
function redeploy(entry, resource, id, { op, path, value }) {
  if (!FROZEN.has(resource.cfnResourceType)) {
    return;
  }
  for (const deployment of deploymentsOf(entry, apiOf(entry, id))) {
    deployment.addToLogicalId({ guardrails: { op, path: path.slice(1), value } });
  }
}

function apiOf(entry, id) {
  return entry.data.Resources[id]?.Properties?.RestApiId?.Ref;
}

/** The Deployments of an API; which ones there are is asked once: methods are many. */
function deploymentsOf(entry, api) {
  entry.deployments ??= [...entry.constructs].filter(([, one]) => typeof one.addToLogicalId === "function");
  return entry.deployments.filter(([id]) => api !== undefined && apiOf(entry, id) === api).map(([, one]) => one);
}

module.exports = { redeploy };
