'use strict';

module.exports = ({ env }) => ({
  host: env('HOST'),
  port: env.int('PORT'),
  url: env('PUBLIC_URL'),
  app: { keys: [env('SECRET')] },
  logger: { updates: { enabled: false }, startup: { enabled: false } },
});
