// `github-label-sync` (https://github.com/Financial-Times/github-label-sync), pointed at the server of the benchmark.
'use strict';

const home = process.env.BENCH_NODE_MODULES;
const octonode = require(`${home}/octonode`);
const client = octonode.client;
const here = { protocol: 'http:', hostname: '127.0.0.1', port: process.env.BENCH_PORT };

octonode.client = (token, options) => client(token, { ...options, ...here });
require(`${home}/github-label-sync/bin/github-label-sync.js`);
