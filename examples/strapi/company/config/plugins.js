'use strict';

module.exports = ({ env }) => ({
  'users-permissions': { config: { jwtSecret: env('SECRET'), ratelimit: { interval: 60000, max: 200 } } },
});
