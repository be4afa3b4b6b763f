"use strict";
/**
 * What aws-cdk-lib did otherwise before 2.262: a failing validation did not raise, so that `python app.py` ended with
 * 0; and in 2.257 a plugin could not write a file of its own beside the templates.
 */
const fs = require("fs");
const { version } = require("aws-cdk-lib/package.json");

const [major, minor] = version.split(".").map(Number);

/** Whether the validation raises what it finds, and lets plugins write. */
const VALIDATION_RAISES = major > 2 || minor >= 262;

/**
 * Writes `text` to `file` (unless that is "") when the synthesis that is under way ends, and raises `error` if the
 * validation failed: ours, or another plugin's, which only the exit code tells.
 */
function finishLater(root, file, text, error, failed) {
  let assembly = root.assembly;
  const exitCode = process.exitCode;
  process.exitCode = 0;
  Object.defineProperty(root, "assembly", {
    configurable: true,
    enumerable: true,
    get: () => assembly,
    // `Stage.synth` assigns what `synthesize` returns, the validation being the last thing that it does.
    set(value) {
      Object.defineProperty(root, "assembly", { value, writable: true, configurable: true, enumerable: true });
      if (file !== "") {
        fs.writeFileSync(file, text);
      }
      const othersFailed = process.exitCode;
      process.exitCode = exitCode;
      if (failed || othersFailed) {
        throw new Error(`ValidationFailed: ${error}`);
      }
    },
  });
}

module.exports = { VALIDATION_RAISES, finishLater };
