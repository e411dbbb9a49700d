'use strict';

// What Strapi lacks and this company added: rights on rows. A sales representative sees and changes only what carries
// their name in accountManager; a service agent never sees a VAT number. Everything else Strapi's roles decide.

const { createCoreController } = require('@strapi/strapi').factories;

const SCOPED = 'sales_rep';
const HIDDEN = { service_agent: ['vatId'] };

const role = (ctx) => ctx.state.user?.role?.type;
const isScoped = (ctx) => role(ctx) === SCOPED;

function both(given, more) {
  return given && Object.keys(given).length ? { $and: [given, more] } : more;
}

function without(names, value) {
  if (Array.isArray(value)) return value.map((one) => without(names, one));
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  const kept = Object.entries(value).filter(([name]) => !names.includes(name));
  return Object.fromEntries(kept.map(([name, one]) => [name, without(names, one)]));
}

// `owner` is the path to the person who owns a row: ['accountManager'], or through the account.
module.exports = (uid, owner = ['accountManager'], more = () => ({})) =>
  createCoreController(uid, ({ strapi }) => {
    const mine = (ctx) => owner.reduceRight((inner, name) => ({ [name]: inner }), { id: ctx.state.user.id });
    const rows = (ctx) => (isScoped(ctx) ? mine(ctx) : {});
    const shown = async (self, found, ctx, meta) =>
      self.transformResponse(without(HIDDEN[role(ctx)] ?? [], await self.sanitizeOutput(found, ctx)), meta);
    // Nobody gives a row away, and a row that belongs to an account belongs to an account of one's own.
    const foreign = async (ctx) => {
      const { account, [owner[0]]: person } = ctx.request.body?.data ?? {};
      if (!isScoped(ctx)) return false;
      if (owner.length === 1 && person && person !== ctx.state.user.documentId) return true;
      if (!account) return false;
      const filters = { documentId: account, accountManager: { id: ctx.state.user.id } };
      return !(await strapi.documents('api::account.account').findFirst({ filters }));
    };
    const reached = (ctx) =>
      strapi.documents(uid).findFirst({ filters: both({ documentId: ctx.params.id }, rows(ctx)) });

    return {
      async find(ctx) {
        await this.validateQuery(ctx);
        const query = await this.sanitizeQuery(ctx);
        const asked = { ...query, filters: both(query.filters, rows(ctx)) };
        const { results, pagination } = await strapi.service(uid).find(asked);
        return shown(this, results, ctx, { pagination });
      },

      async findOne(ctx) {
        await this.validateQuery(ctx);
        if (!(await reached(ctx))) return ctx.notFound();
        const found = await strapi.service(uid).findOne(ctx.params.id, await this.sanitizeQuery(ctx));
        return shown(this, found, ctx);
      },

      async create(ctx) {
        if (await foreign(ctx)) return ctx.forbidden();
        if (isScoped(ctx) && owner.length === 1) {
          ctx.request.body.data = { ...ctx.request.body.data, [owner[0]]: ctx.state.user.documentId };
        }
        return super.create(ctx);
      },

      async update(ctx) {
        if (!(await reached(ctx))) return ctx.notFound();
        if (await foreign(ctx)) return ctx.forbidden();
        return super.update(ctx);
      },

      async delete(ctx) {
        if (!(await reached(ctx))) return ctx.notFound();
        return super.delete(ctx);
      },

      ...more({ strapi, reached }),
    };
  });
