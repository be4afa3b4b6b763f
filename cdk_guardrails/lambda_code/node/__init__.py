"""Node.js: the JavaScript of a bundle, what it requires and what it logs."""
