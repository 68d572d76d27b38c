import{a,b}from"./shared-24YIM27S.js";import"./shared-RZFO5QSD.js";export{a as Refused,b as store};
