"use strict";
/**
 * When to act. The CDK does not tell an aspect that the visits are over, so this works out which visit is the last one.
 *
 * With `@aws-cdk/core:aspectStabilization` the CDK goes on until every construct has been visited: the last visit is
 * the one after which none is left, so that what other aspects add meanwhile is part of the same batch. Without the flag
 * there is one pass, and a construct that is added behind it is never visited: the last visit is then the last node of
 * the tree as it stood when its ancestors were visited.
 */
const { FeatureFlags, Stage } = require("aws-cdk-lib");

const STABILIZATION = "@aws-cdk/core:aspectStabilization";

/** Whether the CDK goes on until every construct was visited by every aspect. */
function isStabilized(construct) {
  return FeatureFlags.of(construct).isEnabled(STABILIZATION);
}

class Visits {
  constructor(root) {
    this.root = root;
    this.order = isStabilized(root) ? new UntilNoneIsLeft(root) : new OnePass(root);
    this.batch = [];
    this.acted = false;
  }

  /** Notes a visit (of a node that may have been treated before); returns whether it is time to act. */
  add(node, treated) {
    if (!treated) {
      this.batch.push(node);
    }
    return this.order.isLast(node) && this.batch.length > 0;
  }

  /** The nodes visited since the last time. */
  take() {
    const nodes = this.batch;
    this.batch = [];
    this.acted = true;
    return nodes;
  }
}

class UntilNoneIsLeft {
  constructor(root) {
    this.root = root;
    this.seen = new Set();
    this.waiting = new Set();
  }

  isLast(node) {
    this.seen.add(node);
    this.waiting.delete(node);
    if (this.waiting.size === 0) {
      // Looked up again only when the known ones are used up: the whole costs one walk per round of additions.
      this.waiting = new Set(subtree(this.root).filter((other) => !this.seen.has(other)));
    }
    return this.waiting.size === 0;
  }
}

class OnePass {
  constructor(root) {
    this.root = root;
    this.childrenOf = new Map();
  }

  isLast(node) {
    const children = node.node.children.filter((child) => !Stage.isStage(child));
    this.childrenOf.set(node, { known: new Set(children), last: children[children.length - 1] });
    if (children.length > 0) {
      return false;
    }
    for (let current = node; current !== this.root; current = current.node.scope) {
      const siblings = this.childrenOf.get(current.node.scope);
      // One that was not there when its parent was visited comes after all that were.
      if (siblings && siblings.known.has(current) && siblings.last !== current) {
        return false;
      }
    }
    return true;
  }
}

/** `root` and all below it, parents first; nested Stages are left out unless asked for. */
function subtree(root, { stages = false } = {}) {
  const nodes = [];
  const pending = [root];
  while (pending.length > 0) {
    const node = pending.pop();
    nodes.push(node);
    const children = node.node.children;
    for (let index = children.length - 1; index >= 0; index--) {
      if (stages || !Stage.isStage(children[index])) {
        pending.push(children[index]);
      }
    }
  }
  return nodes;
}

module.exports = { Visits, isStabilized, subtree };
