import{a,b}from"./shared-3YEKEKGV.js";export{a as Refused,b as store};
