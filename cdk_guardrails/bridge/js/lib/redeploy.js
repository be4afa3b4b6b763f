"use strict";
/**
 * An API serves what its last Deployment froze. The CDK makes a new Deployment when a method is written differently, by
 * hashing what its own L2 classes were given; an edit of the L1 below them it would not notice.
 */

/** Types whose changes are only live with a new Deployment. */
const FROZEN = new Set(["AWS::ApiGateway::Method", "AWS::ApiGateway::GatewayResponse"]);

/** Makes the Deployment of the API that `resource` belongs to depend on `edit`, when the CDK looks after it. */
function redeploy(entry, resource, id, { op, path, value }) {
  if (!FROZEN.has(resource.cfnResourceType)) {
    return;
  }
  const api = entry.constructs.get(entry.data.Resources[id]?.Properties?.RestApiId?.Ref)?.node.scope;
  api?.latestDeployment?.addToLogicalId?.({ guardrails: { op, path: path.slice(1), value } });
}

module.exports = { redeploy };
