'use strict';

// An enquiry becomes an account with a person and a deal; it cannot become that twice.

const CONVERTED = '已转化';

module.exports = ({ strapi, reached }) => ({
  async convert(ctx) {
    const enquiry = await reached(ctx);
    if (!enquiry) return ctx.notFound();
    if (enquiry.progress === CONVERTED) return ctx.conflict('该询盘已转化 already converted');
    const { dealValue, dealSubject } = ctx.request.body?.data ?? {};
    const accountManager = ctx.state.user.documentId;
    const put = (uid, data) => strapi.documents(uid).create({ data: { ...data, accountManager } });
    const reach = { mail: enquiry.mail };
    const account = await put('api::account.account', {
      companyName: enquiry.firm || enquiry.fullName, phoneNo: enquiry.mobile, ...reach,
    });
    const of = { account: account.documentId };
    const person = await put('api::person.person', { fullName: enquiry.fullName, mobile: enquiry.mobile, ...reach, ...of });
    const deal = await put('api::deal.deal', { subject: dealSubject || account.companyName, value: dealValue, ...of });
    const done = { progress: CONVERTED };
    await strapi.documents('api::enquiry.enquiry').update({ documentId: enquiry.documentId, data: done });
    return { data: { account: account.documentId, person: person.documentId, deal: deal.documentId } };
  },
});
