import{a,b}from"./shared-7NTLBZGL.js";import"./shared-RZFO5QSD.js";export{a as Refused,b as store};
