import{a,b}from"./shared-SJLS6VHT.js";import"./shared-RZFO5QSD.js";export{a as Refused,b as store};
