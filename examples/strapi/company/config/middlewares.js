'use strict';

module.exports = ['logger', 'errors', 'security', 'cors', 'query', 'body', 'session', 'public'].map((one) => `strapi::${one}`);
