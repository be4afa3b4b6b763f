"use strict";
/**
 * The aspect that a Python subclass extends: it visits constructs in JavaScript, calls Python once per scope with
 * everything it visited, and replays the edits that come back. A call into Python costs about as much as ten visits.
 */
const { App, RemoveTag, Stage, Tag } = require("aws-cdk-lib");
const { describeApp, snapshot } = require("./snapshot.js");
const { Replay } = require("./replay.js");
const { coverNestedStages } = require("./stages.js");
const { VALIDATION_RAISES, finishLater } = require("./oldcdk.js");
const { Visits, isStabilized, subtree } = require("./visits.js");
const { BATCH_ASPECT, addedBelow, addedBy, aspectsOn } = require("./marks.js");

class BatchAspect {
  static [Symbol.for("jsii.rtti")] = { fqn: "cdk-guardrails.BatchAspect", version: "0.0.0" };

  /** Everything that the check of the finished templates needs to know of the tree that `scope` is in, as JSON. */
  static describe(scope) {
    const root = scope.node.root;
    return JSON.stringify({ app: appId(root), validationRaises: VALIDATION_RAISES, ...describeApp(root) });
  }

  /** For a CDK whose validation does not raise: writes the report and raises `error` when the synthesis has ended. */
  static finishLater(scope, file, text, error, failed) {
    finishLater(scope.node.root, file, text, error, failed);
  }

  /** @param {boolean} fixes whether Python is to be asked for edits, or only told which scope is covered */
  constructor(fixes) {
    Object.defineProperty(this, BATCH_ASPECT, { value: true });
    this._fixes = fixes;
    /** The visits of each scope that this aspect was added to, by every construct below it. @type {WeakMap} */
    this._visitsOf = new WeakMap();
    /** The scope that this aspect came from, by the Stages that it was carried into. @type {WeakMap} */
    this._carriedFrom = new WeakMap();
    /** What fixes of other aspects added and this one has treated: it need not be visited. @type {WeakSet} */
    this._treated = new WeakSet();
  }

  /** Called by the CDK for every construct of the scope, parents first. */
  visit(node) {
    let visits = Stage.isStage(node) ? undefined : this._visitsOf.get(node.node.scope);
    if (visits === undefined || visits.root === node) {
      visits = this._enter(node);
    }
    this._visitsOf.set(node, visits);
    if (visits.add(node, addedBy(node) === this || this._treated.has(node))) {
      this._act(visits.root, visits.take());
    }
  }

  /** Treats what is below `construct` at once, as a Mixin does. */
  applyTo(construct) {
    this._begin(construct);
    this._act(construct, subtree(construct, { stages: true }));
  }

  /** Starts a scope anew: the first time, and each time that the app is synthesized again. */
  _enter(root) {
    if (!this._carriedFrom.has(root)) {
      this._begin(root);
      const uncovered = Stage.isStage(root) ? coverNestedStages(root, this, this._carriedFrom) : [];
      if (uncovered.length > 0) {
        this._tell(root, { event: "uncovered", stages: uncovered });
      }
    }
    return new Visits(root);
  }

  _begin(root) {
    this._tell(root, { event: "begin", context: root.node.tryGetContext("cdk-guardrails") });
  }

  _act(root, nodes) {
    if (!this._fixes) {
      this._tell(root, { event: "visited" });
      return;
    }
    const added = addedBelow(root).filter((node) => addedBy(node) !== this && !this._treated.has(node));
    added.forEach((node) => this._treated.add(node));
    const taken = snapshot(root, new Set([...nodes, ...added]));
    const answer = this._tell(root, { event: "fix", ...taken.message });
    if (answer.edits.length > 0) {
      const replay = new Replay(taken.stacks, this);
      const problems = replay.run(answer.edits);
      if (problems.length > 0) {
        this._tell(root, { event: "problems", problems });
      }
      introduce(replay.added, this);
    }
  }

  /** Treats what a fix of another aspect added after this one had acted. */
  treatAdded(nodes) {
    const visits = this._visitsOf.get(nodes[0].stack);
    if (this._fixes && visits?.acted) {
      this._act(visits.root, []);
    }
  }

  _tell(root, message) {
    const app = root.node.root;
    const scope = this._carriedFrom.get(root) ?? root;
    const header = { scope: scope.node.path, app: appId(app), isApp: App.isApp(app) };
    const answer = this.process(root, JSON.stringify({ ...header, ...message }));
    return answer ? JSON.parse(answer) : { edits: [] };
  }
}

/**
 * Without stabilization the CDK does not visit what is added during the visits. Our own aspects and the tags of the app
 * reach it all the same; another package's aspect may not be fit for a visit out of order.
 */
function introduce(nodes, by) {
  if (nodes.length === 0 || isStabilized(nodes[0])) {
    return;
  }
  const aspects = new Set(nodes.flatMap((node) => node.node.scopes.flatMap(aspectsOn)));
  aspects.delete(by);
  for (const aspect of aspects) {
    if (aspect[BATCH_ASPECT]) {
      aspect.treatAdded(nodes);
    } else if (aspect instanceof Tag || aspect instanceof RemoveTag) {
      nodes.filter((node) => appliesTo(aspect, node)).forEach((node) => aspect.visit(node));
    }
  }
}

function appliesTo(aspect, node) {
  return node.node.scopes.some((scope) => aspectsOn(scope).includes(aspect));
}

const appIds = new WeakMap();
let apps = 0;

/** A name for the construct tree, the same for every aspect in it. */
function appId(root) {
  if (!appIds.has(root)) {
    appIds.set(root, `app${++apps}`);
  }
  return appIds.get(root);
}

module.exports = { BatchAspect };
