import{a,b}from"./shared-K7ZR36XI.js";export{a as Refused,b as store};
